; SPDX-License-Identifier: MIT
; An evaluator for Scheme in Scheme, which runs Fibonacci's function.
; Environments are lists of frames, and a frame is a list of pairs.

(define (lookup name env)
  (if (null? env)
      (error "not bound" name)
      (let ((pair (assq name (car env))))
        (if pair pair (lookup name (cdr env))))))

(define (evaluate x env)
  (cond ((symbol? x) (cdr (lookup x env)))
        ((not (pair? x)) x)
        (else
         (case (car x)
           ((quote) (cadr x))
           ((if) (evaluate (if (evaluate (cadr x) env) (caddr x) (cadddr x))
                           env))
           ((lambda) (list 'closure (cadr x) (caddr x) env))
           ((define)
            (set-car! env (cons (cons (cadr x) (evaluate (caddr x) env))
                                (car env))))
           (else (call (evaluate (car x) env)
                       (evaluate-all (cdr x) env)))))))

(define (evaluate-all xs env)
  (if (null? xs)
      '()
      (let ((value (evaluate (car xs) env)))
        (cons value (evaluate-all (cdr xs) env)))))

(define (call f args)
  (if (procedure? f)
      (apply f args)
      (evaluate (caddr f) (cons (map cons (cadr f) args) (cadddr f)))))

(define (main n)
  (let ((env (list (list (cons '+ +) (cons '- -) (cons '< <)))))
    (evaluate '(define fib
                 (lambda (n)
                   (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))
              env)
    (evaluate (list 'fib n) env)))
