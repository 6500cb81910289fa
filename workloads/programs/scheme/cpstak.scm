; SPDX-License-Identifier: MIT
; Takeuchi's function in continuation-passing style: closures die young.

(define (tak x y z k)
  (if (not (< y x))
      (k z)
      (tak (- x 1) y z
           (lambda (a)
             (tak (- y 1) z x
                  (lambda (b)
                    (tak (- z 1) x y
                         (lambda (c) (tak a b c k)))))))))

(define (main n)
  (tak (* 3 n) (* 2 n) n (lambda (value) value)))
