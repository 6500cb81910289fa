; SPDX-License-Identifier: MIT
; A maze of n by n cells: walls are taken down in random order where they part
; two sets of cells, until all are one. Then a search visits all cells, and
; counts how many it has seen.

(define (find-root parents i)
  (let ((parent (vector-ref parents i)))
    (if (= parent i)
        i
        (let ((root (find-root parents parent)))
          (vector-set! parents i root)
          root))))

(define (all-walls n)
  (do ((i 0 (+ i 1))
       (walls '()
              (let* ((right (if (< (modulo (+ i 1) n) 1)
                                walls
                                (cons (cons i (+ i 1)) walls))))
                (if (< (+ i n) (* n n))
                    (cons (cons i (+ i n)) right)
                    right))))
      ((= i (* n n)) (list->vector walls))))

(define (shuffle! v)
  (do ((i (- (vector-length v) 1) (- i 1)))
      ((< i 1) v)
    (let* ((j (random (+ i 1))) (item (vector-ref v i)))
      (vector-set! v i (vector-ref v j))
      (vector-set! v j item))))

(define (connect! doors a b)
  (vector-set! doors a (cons b (vector-ref doors a)))
  (vector-set! doors b (cons a (vector-ref doors b))))

(define (dig n)
  (let ((parents (list->vector (cells n)))
        (doors (make-vector (* n n) '()))
        (walls (shuffle! (all-walls n))))
    (do ((i 0 (+ i 1)))
        ((= i (vector-length walls)) doors)
      (let* ((wall (vector-ref walls i))
             (a (find-root parents (car wall)))
             (b (find-root parents (cdr wall))))
        (when (not (= a b))
          (vector-set! parents a b)
          (connect! doors (car wall) (cdr wall)))))))

(define (cells n)
  (do ((i (- (* n n) 1) (- i 1))
       (l '() (cons i l)))
      ((< i 0) l)))

; Cells, and the doors between them: of both, a tree has a fixed number.
(define (explore doors)
  (let ((seen (make-vector (vector-length doors) #f)))
    (define (visit cell)
      (if (vector-ref seen cell)
          0
          (begin
            (vector-set! seen cell #t)
            (+ 1 (length (vector-ref doors cell))
               (visit-all (vector-ref doors cell))))))
    (define (visit-all cells)
      (if (null? cells) 0 (+ (visit (car cells)) (visit-all (cdr cells)))))
    (visit 0)))

(define (main n) (explore (dig n)))
