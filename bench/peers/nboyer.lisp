; SPDX-License-Identifier: MIT
; The workload nboyer (workloads/programs/nboyer.c) in Common Lisp, for ECL. This
; is the program of nboyer.scm, which has the comments. The state and the
; functions are local, because ECL looks global variables up in the thread.
;
; Usage: see nboyer.sh. Arguments: N TURNS

(declaim (optimize (speed 3) (safety 0) (debug 0)))

(defvar *operators* '())

(defun operator (name)
  (or (cdr (assoc name *operators*))
      (let ((new (vector name '())))
        (push (cons name new) *operators*)
        new)))

(defun term (form)
  (if (consp form)
      (cons (operator (car form)) (mapcar #'term (cdr form)))
      form))

; Returns whether the theorem is proved, and the number of rewrites.
(defun prove (theorem bindings)
  (let ((rewrites 0)
        (truth (term '(t)))
        (falsity (term '(f)))
        (conditional (operator 'if)))
    (declare (type fixnum rewrites))
    (labels
        ((equal-terms (a b)
           (if (and (consp a) (consp b))
               (and (eq (car a) (car b)) (equal-lists (cdr a) (cdr b)))
               (eq a b)))
         (equal-lists (a b)
           (if (and (consp a) (consp b))
               (and (equal-terms (car a) (car b))
                    (equal-lists (cdr a) (cdr b)))
               (eq a b)))
         (binding (variable)
           (loop for pair in bindings
                 when (eq (car pair) variable) return pair))
         (matches (term pattern)
           (if (consp pattern)
               (and (consp term)
                    (eq (car term) (car pattern))
                    (match-lists (cdr term) (cdr pattern)))
               (let ((known (binding pattern)))
                 (cond (known (equal-terms term (cdr known)))
                       ((numberp pattern) (eq term pattern))
                       (t (push (cons pattern term) bindings)
                          t)))))
         (match-lists (terms patterns)
           (if (and (consp terms) (consp patterns))
               (and (matches (car terms) (car patterns))
                    (match-lists (cdr terms) (cdr patterns)))
               (eq terms patterns)))
         (instantiate (term)
           (if (consp term)
               (cons (car term) (instantiate-list (cdr term)))
               (let ((known (binding term)))
                 (if known (cdr known) term))))
         (instantiate-list (terms)
           (if (consp terms)
               (let ((first (instantiate (car terms))))
                 (cons first (instantiate-list (cdr terms))))
               '()))
         (rewrite (term)
           (incf rewrites)
           (if (consp term)
               (rewrite-with (cons (car term) (rewrite-list (cdr term)))
                             (svref (car term) 1))
               term))
         (rewrite-list (terms)
           (if (consp terms)
               (let ((first (rewrite (car terms))))
                 (cons first (rewrite-list (cdr terms))))
               '()))
         (rewrite-with (term lemmas)
           (loop for lemma in lemmas
                 do (setf bindings '())
                 when (matches term (car lemma))
                   return (rewrite (instantiate (cdr lemma)))
                 finally (return term)))
         (among (term constant terms)
           (or (equal-terms term constant)
               (loop for other in terms thereis (equal-terms term other))))
         (tautology (term true false)
           (cond ((among term truth true) t)
                 ((among term falsity false) nil)
                 ((not (and (consp term) (eq (car term) conditional))) nil)
                 (t (decide (cadr term) (caddr term) (cadddr term)
                            true false))))
         (decide (condition then otherwise true false)
           (cond ((among condition truth true) (tautology then true false))
                 ((among condition falsity false)
                  (tautology otherwise true false))
                 (t (and (tautology then (cons condition true) false)
                         (tautology otherwise true
                                    (cons condition false)))))))
      (let ((proved (tautology (rewrite (instantiate theorem)) '() '())))
        (values proved rewrites)))))

; --- the proof

(defun add-lemmas (forms)
  (loop for (left right) on forms by #'cddr
        do (let ((pattern (term left)))
             (push (cons pattern (term right)) (svref (car pattern) 1)))))

(defun stated (theorem n)
  (if (= n 0) theorem (list 'or (stated theorem (- n 1)) '(f))))

(defun main (n turns)
  (with-open-file (in "terms")
    (add-lemmas (read in))
    (let* ((theorem (term (stated (read in) n)))
           (given (loop for (variable form) on (read in) by #'cddr
                        collect (cons variable (term form)))))
      (loop for turn from 0 to turns
            do (let ((begin (get-internal-real-time)))
                 (multiple-value-bind (proved rewrites) (prove theorem given)
                   (unless proved (error "no proof"))
                   (when (> turn 0)
                     (format t "~d ms, rewrites ~d~%"
                             (floor (* 1000 (- (get-internal-real-time) begin))
                                    internal-time-units-per-second)
                             rewrites))))))))
