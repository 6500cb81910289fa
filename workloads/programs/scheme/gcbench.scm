; SPDX-License-Identifier: MIT
; Trees after Ellis, Kovac and Boehm: one of depth n and a vector of flonums
; live long, smaller ones are made from the root down or from the leaves up,
; and dropped.

(define (nodes depth) (- (power2 (+ depth 1)) 1))
(define (power2 k) (if (= k 0) 1 (* 2 (power2 (- k 1)))))

(define (make-tree depth)
  (if (= depth 0)
      (cons '() '())
      (let ((left (make-tree (- depth 1))))
        (cons left (make-tree (- depth 1))))))

(define (populate! tree depth)
  (when (> depth 0)
    (set-car! tree (cons '() '()))
    (set-cdr! tree (cons '() '()))
    (populate! (car tree) (- depth 1))
    (populate! (cdr tree) (- depth 1))))

(define (count tree)
  (if (null? tree) 0 (+ 1 (count (car tree)) (count (cdr tree)))))

; Trees of this depth that together have as many nodes as two of depth n.
(define (churn depth n)
  (let loop ((i (quotient (* 2 (nodes n)) (nodes depth))) (sum 0))
    (if (= i 0)
        sum
        (let ((top (cons '() '())))
          (populate! top depth)
          (loop (- i 1)
                (+ sum (- (count (make-tree depth)) (count top)) 1))))))

(define (halves length)
  (let ((v (make-vector length 0)))
    (do ((i 0 (+ i 1)))
        ((= i length) v)
      (vector-set! v i (/ i 2.)))))

(define (main n)
  (let ((long (make-tree n)) (array (halves (power2 n))))
    (do ((depth 2 (+ depth 2))
         (sum 0 (+ sum (churn depth n))))
        ((> depth n)
         (if (= (vector-ref array 3) 1.5) (+ sum (count long)) 0)))))
