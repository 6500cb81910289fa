; SPDX-License-Identifier: MIT
; Counts random words. Each word is made as a string and interned, and its
; count is beside its symbol. Words that have been counted are forgotten, so
; that their symbols die.

(define (random-word)
  (let ((letters '("ba" "be" "bi" "bo" "ka" "ke" "ki" "ko")))
    (let loop ((i (+ 1 (random 4))) (word ""))
      (if (= i 0)
          word
          (loop (- i 1)
                (string-append word (list-ref letters (random 8))))))))

(define (make-text words)
  (do ((i 0 (+ i 1))
       (text '() (cons (random-word) text)))
      ((= i words) text)))

; A table of 64 lists of (symbol . count), by the letters of the word.
(define (place word)
  (do ((i 0 (+ i 1))
       (sum 0 (+ (* 3 sum) (char->integer (string-ref word i)))))
      ((= i (string-length word)) (modulo sum 64))))

(define (add! table word)
  (let* ((i (place word))
         (symbol (string->symbol word))
         (pair (assq symbol (vector-ref table i))))
    (if pair
        (set-cdr! pair (+ (cdr pair) 1))
        (vector-set! table i
                     (cons (cons symbol 1) (vector-ref table i))))))

(define (total table)
  (define (of-list l)
    (if (null? l)
        0
        (+ (cdar l)
           (if (eq? (caar l) (string->symbol (symbol->string (caar l))))
               0
               1)
           (of-list (cdr l)))))
  (do ((i 0 (+ i 1))
       (sum 0 (+ sum (of-list (vector-ref table i)))))
      ((= i 64) sum)))

(define (main n)
  (do ((i 0 (+ i 1))
       (sum 0 (let ((table (make-vector 64 '())))
                (for-each (lambda (word) (add! table word)) (make-text 50))
                (+ sum (total table)))))
      ((= i n) sum)))
