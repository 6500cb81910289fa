(* SPDX-License-Identifier: MIT *)
(* The workload latency_ring in OCaml: messages of 1 KiB are pushed into a
   window of the newest ones, each push timed. OCaml 4 runs one thread at a
   time, so there is only one.

   Usage: latency_ring [WINDOW [PUSHES]]
   Prints microseconds: the worst push, the 99.9th percentile, the median, then
   the milliseconds of all pushes. *)
let argument i otherwise =
  if Array.length Sys.argv <= i then otherwise
  else
    match int_of_string_opt Sys.argv.(i) with
    | Some value when value > 0 -> value
    | _ ->
        prerr_endline "usage: latency_ring [WINDOW [PUSHES]]";
        exit 2

let () =
  let size = argument 1 200_000 and pushes = argument 2 1_000_000 in
  let window = Array.make size Bytes.empty in
  let took = Array.make pushes 0.0 in
  let begun = Unix.gettimeofday () in
  for number = 0 to pushes - 1 do
    let before = Unix.gettimeofday () in
    let place = number mod size in
    window.(place) <- Bytes.make 1024 (Char.unsafe_chr (place land 255));
    took.(number) <- Unix.gettimeofday () -. before
  done;
  let wall = Unix.gettimeofday () -. begun in
  Array.sort compare took;
  let at share = took.(int_of_float (share *. float (pushes - 1))) *. 1e6 in
  Printf.printf "%.1f %.1f %.2f %.1f\n" (at 1.0) (at 0.999) (at 0.5)
    (wall *. 1e3)
