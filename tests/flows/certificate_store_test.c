#include "tests/flows/fetching.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct certificate_store *store;

static void begin_stored(void)
{
	struct err err;

	store = certificate_store_open(temporary_folder(), &err);
	CHECK(store, "%s", err.text);
	fetching_begin(store);
}

static void end_stored(void)
{
	fetching_end();
	certificate_store_close(store);
	store = NULL;
}

/* Asks for one and gives the turn in which it is answered when it needs no fetch. */
static struct fetched asked_for(const char *url)
{
	static struct fetched outcome;

	fetching_ask(&outcome, url);
	simulation_advance(fetching.simulation, 0);
	return outcome;
}

TEST(what_was_stored_is_not_asked_for_again)
{
	struct fetched outcome;

	temporary_empty();
	begin_stored();
	fetching_ask(&outcome, FETCHING_URL);
	fetching_answer(0, 200, "pem");
	end_stored();

	begin_stored();
	CHECK_TEXT(asked_for(FETCHING_URL).pem, "pem");
	CHECK_INT((int)fetching.n_asked, 0);
	end_stored();
}

TEST(only_certificates_are_stored)
{
	struct fetched page, missing;

	temporary_empty();
	begin_stored();
	fetching_ask(&page, FETCHING_URL);
	fetching_answer(0, 200, "<html>");
	fetching_ask(&missing, fetching_url(1));
	fetching_answer(1, 404, "pem");
	CHECK_INT(temporary_files(), 0);
	end_stored();
}

static void spoil_file(void)
{
	struct buf path = buf_with_max(1000);
	FILE *file;

	buf_addf(&path, "%s/sns.eu-west-1.amazonaws.com_SimpleNotificationService-0.pem",
	         temporary_folder());
	file = fopen(buf_text(&path), "r+");
	if (CHECK(file != NULL)) {
		fputs("<", file);
		fclose(file);
	}
	buf_clear(&path);
}

TEST(a_file_that_was_spoiled_is_fetched_again)
{
	struct fetched outcome;

	temporary_empty();
	begin_stored();
	fetching_ask(&outcome, FETCHING_URL);
	fetching_answer(0, 200, "pem");
	end_stored();
	spoil_file();

	begin_stored();
	fetching_ask(&outcome, FETCHING_URL);
	fetching_answer(0, 200, "pem again");
	end_stored();
	begin_stored();
	CHECK_TEXT(asked_for(FETCHING_URL).pem, "pem again");
	end_stored();
}

TEST(what_is_stored_needs_no_budget)
{
	struct fetched outcome;

	temporary_empty();
	begin_stored();
	fetching_ask(&outcome, FETCHING_URL);
	fetching_answer(0, 200, "pem");
	end_stored();

	begin_stored();
	fetching_fill(10);
	CHECK_INT((int)asked_for(fetching_url(11)).err.kind, ERR_BROKEN);
	CHECK_TEXT(asked_for(FETCHING_URL).pem, "pem");
	end_stored();
}

TEST(only_a_plain_url_is_a_name_for_a_file)
{
	static const char *const never[] = {
		"http://sns.test/a.pem",  "https://sns.test/",         "https:///a.pem",
		"https://../a.pem",       "https://sns.test/../a.pem", "https://sns.test/a b",
		"https://SNS.test/a.pem", "https://sns.test",
	};
	struct buf pem = buf_with_max(100);
	struct err err;

	temporary_empty();
	begin_stored();
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		CHECK(!certificate_store_keep(store, never[i], SPAN("pem"), &err), "%s", never[i]);
		CHECK_INT(err.kind, ERR_MALFORMED);
		CHECK(!certificate_store_read(store, never[i], &pem), "%s", never[i]);
	}
	CHECK_INT(temporary_files(), 0);
	end_stored();
	buf_clear(&pem);
}

int main(void)
{
	check_run(what_was_stored_is_not_asked_for_again);
	check_run(only_certificates_are_stored);
	check_run(a_file_that_was_spoiled_is_fetched_again);
	check_run(what_is_stored_needs_no_budget);
	check_run(only_a_plain_url_is_a_name_for_a_file);
	return check_done();
}
