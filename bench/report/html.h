/* SPDX-License-Identifier: MIT */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

/* Writes text, escaping the characters that are special in HTML, also in
   attributes. */
void html_text(FILE *, const char *);
/* Writes a JSON string inside an attribute. */
void html_json(FILE *, const char *);

#endif
