#!/bin/sh
# SPDX-License-Identifier: MIT
# The Scheme on one collector: its programs and small ones, as they are and with
# a collection at every step; errors name their line.
# usage: scheme.sh PROGRAM DEPTH FREES [TUNING]    from the root of the tree
#   DEPTH of calls that are no tail calls; there are ten times as many that are
#   FREES yes or no: does the collector free a symbol that nothing refers to?
#   TUNING of a second run
scheme=$1 depth=$2 frees=$3 tuning=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# is EXPECTED TEXT: what the text prints, with the errors, and the exit code
is() {
  printf '%s\n' "$2" >"$folder/text"
  output=$(cd "$folder" && "$scheme" text 2>&1)
  output="$output[$?]"
  [ "$output" = "$1" ] && return
  printf 'of: %s\nexpected: %s\nbut: %s\n' "$2" "$1" "$output"
  failed=1
}

values() {
  is '(1 -2.5 "a\"b" #\a #\space x () (1 . 2) #(1 #t) (quote y))[0]' \
    '(write (quote (1 -2.5 "a\"b" #\a #\space x () (1 . 2) #(1 #t) (quote y))))'
  is '(0.5 2 1e+21 -5 3 -1 2)[0]' '(write (list (/ 1 2) (/ 4 2)
    (* 1000000000 1000000000 1000) (- 5) (modulo -7 5) (quotient -7 5)
    (remainder 7 5)))'
  is '2.30584300921369e+18[0]' '(write (+ 2305843009213693951 1))'
  is '(1 2 3 4 (5 6))[0]' "(write \`(1 ,(+ 1 1) ,@(list 3 4) (5 ,(* 2 3))))"
  is '(#t #f #t (b 2) (c d))[0]' "(write (list (equal? '(1 #(\"x\")) '(1 #(\"x\")))
    (eq? \"x\" \"x\") (eqv? 1.5 1.5) (assq 'b '((a 1) (b 2))) (memv 'c '(b c d))))"
  is '("abcd" "bc" #\b cd 3 "12")[0]' '(write (list (string-append "ab" "cd")
    (substring "abcd" 1 3) (string-ref "abc" 1) (string->symbol "cd")
    (string-length "abc") (number->string 12)))'
}

forms() {
  is '(mid 10 45 (3 2 1 0) 1 #f 6 #f (1 2 (3)))[0]' "
(define (f a b . c) (list a b c))
(write (list (case 3 ((1 2) 'low) ((3) 'mid) (else 'high))
  (let* ((a 4) (b (+ a 6))) b)
  (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i 10) s))
  (let loop ((i 0) (l '())) (if (< i 4) (loop (+ i 1) (cons i l)) l))
  (cond ((assv 1 '((2 . 3))) 0) ((car '(1))) (else 2))
  (and 1 #f 2) (or #f 6) (letrec ((e? (lambda (n) (if (= n 0) #t (o? (- n 1)))))
    (o? (lambda (n) (if (= n 0) #f (e? (- n 1)))))) (e? 7)) (f 1 2 3)))"
  is '(3 1 42 (11 22) 10 (1 2 3))[0]' "
(define (counter) (define n 0) (lambda () (set! n (+ n 1)) n))
(define a (counter)) (define b (counter)) (a) (a)
(define (first-negative l)
  (call/cc (lambda (return) (for-each (lambda (x) (if (< x 0) (return x))) l) 0)))
(define (numbers k) (if (= k 0) (k 1) k))
(write (list (a) (b) (- 0 (first-negative '(1 -42 2)))
  (map + '(1 2) '(10 20)) (apply + 1 2 '(3 4)) (vector->list (vector 1 2 3))))"
  is '012[0]' '
(define again #f) (define n 0)
(display (call/cc (lambda (k) (set! again k) 0)))
(set! n (+ n 1)) (if (< n 2) (again n))
(set! n (+ n 1)) (if (< n 3) (again n))'
  is '(#(1) #(2))[0]' "(write (map (lambda (x) (vector x)) '(1 2)))"
  is '(6 (1 2) (7 . 8) 3 #t)[0]' "
(define (pair-of f) (f cons 7 '(8)))
(write (list (apply apply (list + '(1 2 3)))
  (map call/cc (list (lambda (k) 1) (lambda (k) (k 2)))) (pair-of apply)
  (apply call/cc (list (lambda (k) (+ 1 (k 3))))) (<= 1 1 2)))"
}

calls() {
  is "done${depth}0[0]" "
(define (loop i) (if (= i 0) 'done (loop (- i 1))))
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))
(display (loop (* 10 $depth))) (display (deep $depth))
(display (let loop ((i $depth)) (cond ((= i 0) 0) (else (loop (- i 1))))))"
}

# Some words may still be on the stack, or in registers that were not used again.
symbols() {
  [ "$frees" = perhaps ] && return
  is "$frees[0]" "
(define before (symbol-count))
(define (make i) (string->symbol (string-append \"word-\" (number->string i))))
(do ((i 0 (+ i 1))) ((= i 700)) (make i))
(collect) (collect)
(display (if (< (- (symbol-count) before) 100) 'yes 'no))"
  is 'xy#t[0]' "(define xy 1) (collect)
(display (string->symbol \"xy\")) (display (eq? 'zz (string->symbol \"zz\")))"
}

errors() {
  is 'text:3: this variable is not defined: undefined[1]' '
(define (f x)
  (+ x undefined))
(f 1)'
  is 'text:2: car needs a pair instead of 5[1]' '
(car (+ 2 3))'
  is 'text:1: 1 arguments given, but 2 needed, for f[1]' '(define (f a b) a) (f 1)'
  is 'text:1: this is no procedure that can be called so: 5[1]' '(5 6)'
  is 'text:2: no luck: (1 2)[1]' "
(error \"no luck\" '(1 2))"
  is 'text:1: a number is divided by zero[1]' '(quotient 1 0)'
  is 'text:1: apply needs a procedure instead of 5[1]' "(apply 5 '(1))"
  is 'text:1: a wrong number of arguments for #<procedure call/cc>[1]' '(call/cc)'
  is 'text:1: cadr needs a longer list instead of (1)[1]' "(cadr '(1))"
  is 'text:1: < needs a number instead of x[1]' "(< 1 'x)"
  is 'text:1: vector-ref needs another number instead of 2[1]' \
    '(vector-ref (vector 1 2) 2)'
  is 'text:2: the text ends too early: is a ) missing?[1]' '(car'
  is 'text:1: there is a ) too many[1]' ')'
  is 'text:1: a part of this form is missing[1]' '(if)'
  is 'text:1: a string is not closed: " is missing[1]' '(display "ab'
  is 'text:1: lists are nested too deeply[1]' "$(printf '%2000s' '' | tr ' ' '(')"
  is 'text:3: cdr needs a pair instead of ()[1]' "
(define l (list 1 2))
(list-tail l 3)"
  is 'text:1: this procedure is called before it is defined[1]' \
    '(define (f) (g) (define (g) 1)) (f)'
  is '2000[0]' "(display (length \`($(seq 2000))))"
  printf '(display 1)\n(display \0 2)\n' >"$folder/zero"
  output=$("$scheme" "$folder/zero" 2>&1)
  case $?$output in 1*"line 2 has a byte that is 0") ;; *)
    echo "a byte that is 0: $output"
    failed=1
    ;;
  esac
  echo '(display 1)' >"$folder/text"
  [ ! -e /dev/full ] || {
    "$scheme" "$folder/text" 2>"$folder/errors" >/dev/full
    [ $? = 1 ] && grep -q 'cannot write' "$folder/errors"
  } || {
    echo "a full device: $(cat "$folder/errors")"
    failed=1
  }
  output=$("$scheme" one two 2>&1)
  case $?$output in 2usage:*) ;; *)
    echo "usage: $output"
    failed=1
    ;;
  esac
}

prompts() {
  output=$(printf '(define x 2)\n(+ x\n 3)\n"a"' | "$scheme")
  [ "$output" = "$(printf '5\n"a"')" ] && return
  echo "prompt: $output"
  failed=1
}

# Each program of the workload, at its small size.
programs() {
  for line in gcbench/4/41 peval/2/127 metafib/5/5 cpstak/2/3 nqueens/4/2 \
    maze/4/46 strings/1/50; do
    name=${line%%/*} rest=${line#*/}
    is "${rest#*/}[0]" "$(cat "workloads/programs/scheme/$name.scm")
(display (main ${rest%/*}))"
  done
}

case $scheme in /*) ;; *) scheme=$PWD/$scheme ;; esac
values
forms
calls
symbols
errors
prompts
programs
[ -n "$tuning" ] || exit $failed
SWEEPSTAKES_TUNING=$tuning
export SWEEPSTAKES_TUNING
depth=20
values
forms
calls
symbols
programs
exit $failed
