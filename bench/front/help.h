/* SPDX-License-Identifier: MIT */
#ifndef FRONT_HELP_H
#define FRONT_HELP_H

/* About a command, or about all of them where `topic` is NULL. Exit code. */
int help_print(const char *topic);

#endif
