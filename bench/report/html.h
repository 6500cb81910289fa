/* SPDX-License-Identifier: MIT */
/* Text in a page, escaped for the place where it stands. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

/* Writes text, escaping the characters that are special in HTML, also in
   attributes. */
void html_text(FILE *, const char *);
/* Writes an element with text; `attributes` is markup that follows the tag's
   name, or "". */
void html_element(FILE *, const char *tag, const char *attributes,
                  const char *text);
/* Writes an id made of a kind and a name: letters, digits, '_', '-' and '.'. */
void html_id(FILE *, const char *kind, const char *name);
/* Writes a JSON string inside a script. It has no '<', so it ends no script. */
void html_json(FILE *, const char *);
/* Writes a JSON number with `digits` significant digits; NAN as null. */
void html_number(FILE *, double, int digits);

#endif
