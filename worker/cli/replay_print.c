#include "worker/cli/replay_print.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

size_t replay_print_family_width(const struct config *config)
{
	size_t width = strlen("FAMILY");

	for (size_t i = 0; i < config->n_families; i++) {
		size_t len = strlen(config->families[i].name);

		width = len > width ? len : width;
	}
	return width + 1;
}

void replay_print_begin(struct replay_print *print, const struct config *config, bool json)
{
	*print = (struct replay_print){ .json = json,
		                        .family_width = replay_print_family_width(config) };
}

/* Not before the first message was decided: until then it may turn out that nothing can be. */
static void print_head(const struct replay_print *print)
{
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	if (print->json || print->n_messages > 0)
		return;
	record_table_head(print->family_width, &line);
	fputs(buf_text(&line), stdout);
	buf_clear(&line);
}

static void print_record(const struct replay_print *print, const struct record *record)
{
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	if (print->json)
		record_json(record, &line);
	else
		record_table_row(record, print->family_width, &line);
	fwrite(buf_text(&line), 1, line.len, stdout);
	buf_clear(&line);
}

void replay_print_message(struct replay_print *print, const struct life *life)
{
	print_head(print);
	print->n_messages++;
	for (size_t i = 0; i < life_n_decisions(life); i++) {
		struct record record = life_record(life, i);

		print->n_outcomes[reason_outcome(record.decision->reason)]++;
		print_record(print, &record);
	}
}

static void print_builds(const struct replay_pass *pass)
{
	size_t n = pass->ret_n_at_once + pass->ret_n_later;

	if (pass->ret_n_held)
		printf("%zu %s started in all, %zu of them after being held\n", n,
		       n == 1 ? "build" : "builds", pass->ret_n_later);
}

void replay_print_end(const struct replay_print *print, const struct replay_pass *pass)
{
	print_head(print);
	if (print->json)
		return;
	printf("\n%zu %s:", print->n_messages, print->n_messages == 1 ? "message" : "messages");
	for (enum outcome outcome = OUTCOME_START; outcome <= OUTCOME_REJECTED; outcome++)
		printf(" %zu %s%s", print->n_outcomes[outcome], outcome_word(outcome),
		       outcome == OUTCOME_REJECTED ? "\n" : ",");
	print_builds(pass);
}
