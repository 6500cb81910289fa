; SPDX-License-Identifier: MIT
; The number of ways to place n queens, by lists of the rows that are free.

(define (one-to n)
  (do ((i n (- i 1))
       (l '() (cons i l)))
      ((= i 0) l)))

(define (safe? row distance placed)
  (or (null? placed)
      (and (not (= (car placed) (+ row distance)))
           (not (= (car placed) (- row distance)))
           (safe? row (+ distance 1) (cdr placed)))))

; Rows that have been tried in this column are in `tried`.
(define (place free tried placed)
  (if (null? free)
      (if (null? tried) 1 0)
      (+ (if (safe? (car free) 1 placed)
             (place (append (cdr free) tried) '() (cons (car free) placed))
             0)
         (place (cdr free) (cons (car free) tried) placed))))

(define (main n) (place (one-to n) '() '()))
