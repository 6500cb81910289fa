; SPDX-License-Identifier: MIT
; An online partial evaluator for a first-order language. A program is a list
; of (name parameters body). A call with known arguments is specialised to a
; new procedure without these parameters, or unfolded if it does not recur; the
; result is the residual program.

(define (make-counter)
  (let ((n 0)) (lambda () (set! n (+ n 1)) n)))

(define (constant? x) (or (number? x) (and (pair? x) (eq? (car x) 'quote))))
(define (constant-value x) (if (pair? x) (cadr x) x))
(define (make-constant v) (if (number? v) v (list 'quote v)))

(define operations
  (list (list '+ +) (list '- -) (list '* *) (list '= =) (list '< <)
        (list 'car car) (list 'cdr cdr) (list 'null? null?)
        (list 'cons cons) (list 'quotient quotient) (list 'even? even?)))

(define (specialise program name values)
  (define next (make-counter))
  (define done '())
  (define residual '())

  (define (evaluate x env)
    (cond ((symbol? x) (cdr (assq x env)))
          ((constant? x) x)
          ((eq? (car x) 'if) (evaluate-if x env))
          ((assq (car x) operations)
           (operate (assq (car x) operations) (all (cdr x) env)))
          (else (call (assq (car x) program) (all (cdr x) env)))))

  (define (all xs env) (map (lambda (x) (evaluate x env)) xs))

  (define (evaluate-if x env)
    (let ((test (evaluate (cadr x) env)))
      (if (constant? test)
          (evaluate (if (constant-value test) (caddr x) (cadddr x)) env)
          (list 'if test (evaluate (caddr x) env)
                (evaluate (cadddr x) env)))))

  (define (every? p l) (or (null? l) (and (p (car l)) (every? p (cdr l)))))

  (define (operate operation args)
    (if (every? constant? args)
        (make-constant (apply (cadr operation) (map constant-value args)))
        (simplify (car operation) args)))

  (define (simplify name args)
    (cond ((and (eq? name '*) (member 1 args))
           (if (equal? (car args) 1) (cadr args) (car args)))
          ((and (eq? name '+) (member 0 args))
           (if (equal? (car args) 0) (cadr args) (car args)))
          (else (cons name args))))

  ; The call of a procedure specialised to the arguments that are constants.
  (define (call procedure args)
    (let* ((key (cons (car procedure)
                      (map (lambda (a) (if (constant? a) a '?)) args)))
           (known (assoc key done))
           (name (if known (cdr known) (new-name (car procedure)))))
      (when (not known)
        (set! done (cons (cons key name) done))
        (define-residual name (cadr procedure) args (caddr procedure)))
      (cons name (unknown args args))))

  (define (new-name name)
    (string->symbol
     (string-append (symbol->string name) "-" (number->string (next)))))

  (define (unknown items args)
    (cond ((null? args) '())
          ((constant? (car args)) (unknown (cdr items) (cdr args)))
          (else (cons (car items) (unknown (cdr items) (cdr args))))))

  (define (define-residual name params args body)
    (let ((env (map (lambda (p a) (cons p (if (constant? a) a p)))
                    params args)))
      (let ((code (evaluate body env)))
        (set! residual
              (cons (list name (unknown params args) code) residual)))))

  (call (assq name program) values)
  residual)

(define (size x)
  (if (pair? x) (+ (size (car x)) (size (cdr x))) (if (null? x) 0 1)))

(define program
  '((power (x n)
      (if (= n 0) 1
          (if (even? n) (square (power x (quotient n 2)))
              (* x (power x (- n 1))))))
    (square (x) (* x x))
    (polynomial (x coefficients)
      (if (null? coefficients) 0
          (+ (car coefficients) (* x (polynomial x (cdr coefficients))))))
    (sum (f n x)
      (if (= n 0) (polynomial x f) (+ (power x n) (sum f (- n 1) x))))))

(define (main n)
  (let loop ((i n) (total 0))
    (if (= i 0)
        total
        (loop (- i 1)
              (+ total
                 (size (specialise program 'sum
                                   (list ''(1 2 3 4) i 'x))))))))
