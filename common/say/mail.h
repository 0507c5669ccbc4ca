/*
 * mail: a notice as an e-mail: what a topic of SNS sends to people.
 *
 * It says what Slack is told (slack_page.h), as a subject and lines of plain text. What came from
 * outside is made plain, so that it stays on its line; URLs stand below what leads there.
 */
#ifndef EVERGOLD_SAY_MAIL_H
#define EVERGOLD_SAY_MAIL_H

#include "common/say/news.h"

#define MAIL_SUBJECT 100        /* with NUL: Amazon SNS API reference, Publish */
#define MAIL_TEXT    (8 * 1024) /* bytes */

/* Printable ASCII; '?' stands for what is not. */
void mail_subject(const struct news *news, char ret_subject[MAIL_SUBJECT]);

/* What does not fit is left out, whole parts of it. Appends to *out. */
void mail_text(const struct news *news, struct buf *out);

#endif
