/* SPDX-License-Identifier: MIT */
#include "bench/base/sheet.h"
#include "bench/front/commands.h"
#include "bench/race/machine.h"

static const struct sheet_column columns[] = {{"setting", SHEET_WORD},
                                              {"now", SHEET_WORD},
                                              {"measuring", SHEET_COLOURED},
                                              {"change", SHEET_NOTES}};

static void trait_write(struct sheet *sheet, const struct machine_trait *t) {
  static const char *const words[] = {"unknown", "good", "bad"};
  static const enum colour colours[] = {COLOUR_PLAIN, COLOUR_GOOD, COLOUR_BAD};
  const char **row = sheet_add(sheet);
  *row++ = t->name;
  *row++ = t->now != NULL ? t->now : "not shown by this system";
  *row++ = words[t->verdict];
  *row = t->verdict == MACHINE_LOUD ? t->change : "";
  sheet_colour(sheet, colours[t->verdict]);
}

int tune_command(struct options *options) {
  struct sheet sheet = {.pool = options->pool,
                        .columns = columns,
                        .column_count = sizeof columns / sizeof *columns};
  struct machine_trait traits[MACHINE_TRAITS];
  enum sheet_format format;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format);
  if (code != EXIT_FINE)
    return code;
  machine_look(options->pool, "", traits);
  for (size_t i = 0; i < MACHINE_TRAITS; i++)
    trait_write(&sheet, &traits[i]);
  sheet_write(&sheet, format, stdout);
  return EXIT_FINE;
}
