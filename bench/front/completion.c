/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/front/help.h"

static void words_of(const struct verb *v) {
  const char *separator = "";
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option_card *card = &option_cards[i];
    if ((card->commands & v->options) == 0)
      continue;
    printf("%s--%s%s", separator, card->name, card->value != NULL ? "=" : "");
    separator = " ";
  }
}

static void verbs_print(void) {
  for (const struct verb *v = verbs; v->name != NULL; v++)
    printf("%s%s", v == verbs ? "" : " ", v->name);
}

/* One case for each option that has choices, for both shells. */
static void choices_print(const char *format) {
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (option_cards[i].choices != NULL)
      printf(format, option_cards[i].name, option_cards[i].choices);
  }
}

/* --- bash ------------------------------------------------------------------

   "--size=q" reaches the function as three words, since bash breaks words at
   the equals sign. */

void completion_print_bash(void) {
  puts("# Completion of sweepstakes for bash.\n"
       "_sweepstakes_names() { # prints the names that 'list' has\n"
       "  sweepstakes list 2>/dev/null | sed -n 's/^  \\([a-z_0-9-]*\\) "
       ".*/\\1/p'\n"
       "}\n"
       "_sweepstakes() {\n"
       "  local word=${COMP_WORDS[COMP_CWORD]} "
       "before=${COMP_WORDS[COMP_CWORD - 1]} words= list=\n"
       "  if [ \"$word\" = = ]; then word=; "
       "elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; "
       "fi\n"
       "  COMPREPLY=()\n"
       "  case $before in");
  choices_print("  --%s) words='%s' ;;\n");
  puts("  --collectors | --workloads | --exclude | -c | -w | -x)\n"
       "    words=$(_sweepstakes_names)\n"
       "    case $word in *,*) list=${word%,*},; word=${word##*,} ;; esac ;;\n"
       "  --results | --bin-dir | --draw | -r)\n"
       "    COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
       "  --output | -o) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
       "  esac\n"
       "  if [ -z \"$words\" ]; then case ${COMP_WORDS[1]} in");
  for (const struct verb *v = verbs; v->name != NULL; v++) {
    printf("  %s) words='", v->name);
    words_of(v);
    puts("' ;;");
  }
  puts("  esac; fi");
  fputs("  [ \"$COMP_CWORD\" -gt 1 ] || words='", stdout);
  verbs_print();
  puts(" --version --help'\n"
       "  COMPREPLY=($(compgen -P \"$list\" -W \"$words\" -- \"$word\"))\n"
       "  case ${COMPREPLY[0]-} in *=) compopt -o nospace ;; esac\n"
       "}\n"
       "complete -F _sweepstakes sweepstakes");
}

/* --- zsh --------------------------------------------------------------------
 */

/* In _arguments a colon and brackets delimit the parts of a description. */
static void description_print(const char *text) {
  for (; *text != '\0'; text++) {
    if (strchr("[]:", *text) != NULL)
      putchar('\\');
    if (*text == '\'')
      fputs("'\\'", stdout);
    putchar(*text);
  }
}

static const char *zsh_action(const struct option_card *card) {
  const char *name = card->name;
  if (strcmp(name, "collectors") == 0 || strcmp(name, "workloads") == 0 ||
      strcmp(name, "exclude") == 0)
    return "_sweepstakes_names";
  if (strcmp(card->value, "DIR") == 0 || strcmp(card->value, "FOLDER") == 0)
    return "_files -/";
  return strcmp(card->value, "FILE") == 0 ? "_files" : "";
}

static void zsh_option_print(const struct option_card *card) {
  printf(" \\\n      '%s--%s%s[", card->repeats ? "*" : "", card->name,
         card->value != NULL ? "=" : "");
  description_print(card->help);
  putchar(']');
  if (card->value != NULL)
    printf(":%s:", "value");
  if (card->choices != NULL)
    printf("(%s)", card->choices);
  else if (card->value != NULL)
    fputs(zsh_action(card), stdout);
  putchar('\'');
}

static void zsh_verb_print(const struct verb *v) {
  printf("  %s) _arguments", v->name);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if ((option_cards[i].commands & v->options) != 0)
      zsh_option_print(&option_cards[i]);
  }
  puts(v->operands > 0 ? " \\\n      '*:name:_files -/' ;;" : " ;;");
}

void completion_print_zsh(void) {
  puts("#compdef sweepstakes\n"
       "# Completion of sweepstakes for zsh.\n"
       "_sweepstakes_names() {\n"
       "  local -a names\n"
       "  names=(${(f)\"$(sweepstakes list 2>/dev/null |\n"
       "    sed -n 's/^  \\([a-z_0-9-]*\\) .*/\\1/p')\"})\n"
       "  _values -s , name $names\n"
       "}\n"
       "_sweepstakes() {\n"
       "  local -a commands\n"
       "  commands=(");
  for (const struct verb *v = verbs; v->name != NULL; v++) {
    printf("    '%s:", v->name);
    description_print(v->summary);
    puts("'");
  }
  puts("  )\n"
       "  if (( CURRENT == 2 )); then\n"
       "    _describe command commands\n"
       "    return\n"
       "  fi\n"
       "  local command=$words[2]\n"
       "  shift words\n"
       "  (( CURRENT-- ))\n"
       "  case $command in");
  for (const struct verb *v = verbs; v->name != NULL; v++)
    zsh_verb_print(v);
  puts("  esac\n"
       "}\n"
       "_sweepstakes \"$@\"");
}
