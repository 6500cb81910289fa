; SPDX-License-Identifier: MIT
; The workload nboyer (workloads/programs/nboyer.c) in Scheme, for Guile. The
; file "terms" has the lemmas, the theorem and the bindings, each as a list.
; Prints the milliseconds of each of TURNS proofs, after one that is not timed.
;
; Usage: see nboyer.sh. Arguments: N TURNS

(define-module (nboyer) #:export (main))

(define rewrites 0)
(define bindings '())

; --- terms: a variable or a number is an atom; another term is an operator and
; then its arguments. An operator is a vector of its name and its lemmas.

(define operators '())

(define (operator name)
  (let ((known (assq name operators)))
    (if known
        (cdr known)
        (let ((new (vector name '())))
          (set! operators (cons (cons name new) operators))
          new))))

(define (term form)
  (if (pair? form)
      (cons (operator (car form)) (map term (cdr form)))
      form))

(define (equal-terms? a b)
  (if (and (pair? a) (pair? b))
      (and (eq? (car a) (car b)) (equal-lists? (cdr a) (cdr b)))
      (eqv? a b)))

(define (equal-lists? a b)
  (if (and (pair? a) (pair? b))
      (and (equal-terms? (car a) (car b)) (equal-lists? (cdr a) (cdr b)))
      (eq? a b)))

; --- matching and rewriting

; Binds the variables of the pattern.
(define (match? term pattern)
  (cond ((pair? pattern)
         (and (pair? term)
              (eq? (car term) (car pattern))
              (match-lists? (cdr term) (cdr pattern))))
        ((assq pattern bindings)
         => (lambda (known) (equal-terms? term (cdr known))))
        ((number? pattern) (eqv? term pattern))
        (else (set! bindings (cons (cons pattern term) bindings)) #t)))

(define (match-lists? terms patterns)
  (if (and (pair? terms) (pair? patterns))
      (and (match? (car terms) (car patterns))
           (match-lists? (cdr terms) (cdr patterns)))
      (eq? terms patterns)))

(define (instantiate term)
  (if (pair? term)
      (cons (car term) (instantiate-list (cdr term)))
      (let ((known (assq term bindings)))
        (if known (cdr known) term))))

(define (instantiate-list terms)
  (if (pair? terms)
      (let ((first (instantiate (car terms))))
        (cons first (instantiate-list (cdr terms))))
      '()))

(define (rewrite term)
  (set! rewrites (+ rewrites 1))
  (if (pair? term)
      (rewrite-with (cons (car term) (rewrite-list (cdr term)))
                    (vector-ref (car term) 1))
      term))

(define (rewrite-list terms)
  (if (pair? terms)
      (let ((first (rewrite (car terms))))
        (cons first (rewrite-list (cdr terms))))
      '()))

(define (rewrite-with term lemmas)
  (cond ((null? lemmas) term)
        ((begin (set! bindings '()) (match? term (caar lemmas)))
         (rewrite (instantiate (cdar lemmas))))
        (else (rewrite-with term (cdr lemmas)))))

; --- tautologies

(define truth (term '(t)))
(define falsity (term '(f)))
(define conditional (operator 'if))

(define (among? term constant terms)
  (or (equal-terms? term constant)
      (let search ((terms terms))
        (and (pair? terms)
             (or (equal-terms? term (car terms)) (search (cdr terms)))))))

(define (tautology? term true false)
  (cond ((among? term truth true) #t)
        ((among? term falsity false) #f)
        ((not (and (pair? term) (eq? (car term) conditional))) #f)
        (else
         (let ((condition (cadr term))
               (then (caddr term))
               (otherwise (cadddr term)))
           (cond ((among? condition truth true) (tautology? then true false))
                 ((among? condition falsity false)
                  (tautology? otherwise true false))
                 (else
                  (and (tautology? then (cons condition true) false)
                       (tautology? otherwise true
                                   (cons condition false)))))))))

; --- the proof

(define (read-terms name)
  (call-with-input-file name
    (lambda (in) (let* ((lemmas (read in)) (theorem (read in)))
                   (list lemmas theorem (read in))))))

; Each lemma goes to the front of its operator's.
(define (add-lemmas! forms)
  (when (pair? forms)
    (let* ((pattern (term (car forms))) (lemmas (vector-ref (car pattern) 1)))
      (vector-set! (car pattern) 1
                   (cons (cons pattern (term (cadr forms))) lemmas))
      (add-lemmas! (cddr forms)))))

(define (pairs forms)
  (if (pair? forms)
      (cons (cons (car forms) (term (cadr forms))) (pairs (cddr forms)))
      '()))

(define (stated theorem n)
  (if (= n 0) theorem (list 'or (stated theorem (- n 1)) '(f))))

(define (prove theorem given)
  (set! rewrites 0)
  (set! bindings given)
  (tautology? (rewrite (instantiate theorem)) '() '()))

(define (main n turns)
  (let* ((terms (read-terms "terms"))
         (theorem (term (stated (cadr terms) n)))
         (given (pairs (caddr terms))))
    (add-lemmas! (car terms))
    (do ((turn 0 (+ turn 1)))
        ((> turn turns))
      (let ((begin (get-internal-real-time)))
        (unless (prove theorem given)
          (error "no proof"))
        (when (> turn 0)
          (display (quotient (* 1000 (- (get-internal-real-time) begin))
                             internal-time-units-per-second))
          (display " ms, rewrites ")
          (display rewrites)
          (newline))))))
