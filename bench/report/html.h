/* SPDX-License-Identifier: MIT */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

/* Text with the characters replaced that mean something in HTML, in
   attributes too. */
void html_text(FILE *, const char *);
/* As a string of JSON in an attribute. */
void html_json(FILE *, const char *);

#endif
