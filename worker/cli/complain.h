/*
 * complain: what a command says on standard error when it cannot do what was asked.
 */
#ifndef EVERGOLD_CLI_COMPLAIN_H
#define EVERGOLD_CLI_COMPLAIN_H

#include "common/base/attr.h"

/*
 * One line, "evergold: TEXT". Words, paths and messages in it may be anybody's, so it is made plain
 * for the terminal (common/base/plain.h), and cut at 4 KiB.
 */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
