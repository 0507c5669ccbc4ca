/*
 * crashes: a day (day.h) that is cut at every point, and lived on from there.
 *
 *	crashes                      a sample of it, and that it finds what is broken
 *	crashes all [JOBS]           all of it; the table, and a line of figures
 *	crashes 132:none 201:some    one cut, or one and a second one after it
 *
 * At each point the process forks: the child's power is cut, it starts the worker anew on what is
 * left, lives the rest of the day and checks it; the parent goes on to the next point. So each cut
 * costs what comes after it, and the day before it is the same to the byte. Pairs are a second fork
 * in a child: after a cut at a statement there is one at each request, before and after, and after
 * one at a request one at some of the statements.
 *
 * Points between which nothing has moved that a cut leaves are the same cut, and lived once.
 */
#include "tests/power/day.h"
#include "tests/unit/check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/banned.h"

#define LIFE_SECONDS 120 /* then it hangs */
#define SAMPLE       12  /* one life in so many */
#define BROKEN       40
#define REVERSED     16 /* of pairs that begin with a request one in so many */
#define DEEPEST      2
#define JOBS         16

struct cut {
	int point; /* counted over all lives, from 1; 0: any */
	enum disk_loss loss;
	enum day_point kind;
	bool pairs; /* as a first cut, it is followed by second ones */
	char what[64];
};

/* Of all processes. */
struct tally {
	atomic_int points[POINTS], cuts[LOSSES], pairs, lost, twice, bad;
};

static struct tally *tally;

static struct {
	int job, jobs;
	int one_in;               /* is lived; 1: all */
	struct cut wish[DEEPEST]; /* point 0: not these alone */

	int depth, point; /* cuts by now, points by now */
	struct cut cuts[DEEPEST];
	uint64_t cut_at[LOSSES];    /* the moments of the last points */
	uint64_t paired_at[POINTS]; /* and of the last of each kind, for pairs */
} run;

static const char *const loss_words[LOSSES] = { "unsynced", "some", "none" };

/* ---- which cuts ------------------------------------------------------------------------------ */

static bool is_request(enum day_point kind)
{
	return kind == POINT_BEFORE || kind == POINT_AFTER;
}

/* The same choice in every run. */
static uint64_t mix(uint64_t n)
{
	n = (n ^ (n >> 31)) * 0x9e3779b97f4a7c15U;
	return n ^ (n >> 29);
}

static bool is_drawn(enum disk_loss loss, int one_in)
{
	uint64_t life = mix((uint64_t)run.cuts[0].point * LOSSES + run.cuts[0].loss);

	return mix(life + (uint64_t)run.point * LOSSES + loss) % (uint64_t)one_in == 0;
}

/* Which loss pairs are lived with at this point, so that all come about. */
static enum disk_loss loss_of_pair(void)
{
	return (enum disk_loss)(mix((uint64_t)run.point + (uint64_t)run.cuts[0].point) % LOSSES);
}

static bool is_wished(enum disk_loss loss)
{
	const struct cut *wish = &run.wish[run.depth];

	return wish->point == run.point && wish->loss == loss;
}

/* Of cuts at one moment one is lived; of the first that pairs begin with one of each kind. */
static bool is_new(enum disk_loss loss, enum day_point kind, bool pairs)
{
	enum day_point class = is_request(kind) ? POINT_BEFORE : kind;
	uint64_t moment = day_moment(loss) + 1;
	bool is_new = run.cut_at[loss] != moment;

	run.cut_at[loss] = moment;
	if (pairs) {
		moment = day_moment(LOSS_SOME) + 1;
		is_new = is_new || run.paired_at[class] != moment;
		run.paired_at[class] = moment;
	}
	return is_new;
}

static bool is_first(const struct cut *cut)
{
	return is_new(cut->loss, cut->kind, cut->pairs) && run.point % run.jobs == run.job &&
	       is_drawn(cut->loss, run.one_in);
}

/* A request after a statement, or a statement after a request. */
static bool is_second(const struct cut *cut)
{
	const struct cut *first = &run.cuts[0];
	bool begun = first->kind == POINT_STATEMENT;
	bool fits = begun ? is_request(cut->kind) : cut->kind == POINT_STATEMENT;

	return first->pairs && fits && cut->pairs && is_new(LOSS_SOME, cut->kind, true) &&
	       is_drawn(cut->loss, begun ? run.one_in : run.one_in * REVERSED);
}

static bool is_to_be(const struct cut *cut)
{
	if (run.wish[0].point)
		return is_wished(cut->loss);
	return run.depth == 0 ? is_first(cut) : is_second(cut);
}

/* ---- lives ----------------------------------------------------------------------------------- */

static void tell_cuts(void)
{
	static const char *const sides[] = { "before ", "before ", "before ", "after " };

	for (int i = 0; i < run.depth; i++) {
		const struct cut *cut = &run.cuts[i];

		printf("  cut %d:%s %s%s\n", cut->point, loss_words[cut->loss], sides[cut->kind],
		       cut->what);
	}
	fflush(stdout);
}

_Noreturn static void live_on(struct day *day, const struct cut *cut)
{
	bool bad;

	alarm(LIFE_SECONDS);
	run.cuts[run.depth++] = *cut;
	memset(run.cut_at, 0, sizeof(run.cut_at));
	memset(run.paired_at, 0, sizeof(run.paired_at));
	day_go_on(day, cut->loss, mix((uint64_t)cut->point));
	bad = check_failing();
	if (bad)
		tell_cuts();
	tally->lost += day->end.lost;
	tally->twice += day->end.twice;
	_exit(bad);
}

static void count(enum disk_loss loss)
{
	if (run.depth == 0)
		tally->cuts[loss]++;
	else
		tally->pairs++;
}

static void cut_here(struct day *day, const struct cut *cut)
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		live_on(day, cut);
	count(cut->loss);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)
		printf("  cut %d:%s ended with %#x\n", cut->point, loss_words[cut->loss],
		       (unsigned)status);
	tally->bad += status != 0;
	if (run.depth)
		alarm(LIFE_SECONDS); /* that of the child was its own */
}

static void on_point(void *ctx, enum day_point kind, const char *what)
{
	struct cut cut = { .kind = kind };

	if (run.depth == DEEPEST)
		return;
	cut.point = ++run.point;
	snprintf(cut.what, sizeof(cut.what), "%s", what);
	if (run.depth == 0 && run.job == 0)
		tally->points[kind]++;
	for (; cut.loss < LOSSES; cut.loss++) {
		cut.pairs = kind != POINT_CHANGE && cut.loss == loss_of_pair();
		if (is_to_be(&cut))
			cut_here(ctx, &cut);
	}
}

static void live_day(bool careless)
{
	struct day day = { .on_point = on_point, .careless = careless };

	day.ctx = &day;
	day_live(&day);
}

/* ---- a sample -------------------------------------------------------------------------------- */

static void begin(int one_in)
{
	memset(tally, 0, sizeof(*tally));
	memset(&run, 0, sizeof(run));
	run.jobs = 1;
	run.one_in = one_in;
}

TEST(after_any_cut_the_day_ends_as_it_should)
{
	begin(SAMPLE);
	live_day(false);
	CHECK(tally->cuts[LOSS_SOME] > 50 && tally->pairs > 20, "%d cuts, %d pairs",
	      tally->cuts[LOSS_SOME], tally->pairs);
	CHECK_INT(tally->bad, 0);
}

/* In a process of its own, whose findings are wanted. */
TEST(without_syncs_builds_are_lost)
{
	pid_t child;

	begin(BROKEN);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stdout))
			live_day(true);
		_exit(check_failing());
	}
	CHECK(waitpid(child, NULL, 0) == child);
	CHECK(tally->lost > 0 && tally->bad > 0, "%d lost in %d lives", tally->lost, tally->bad);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void print_row(const char *what, int n)
{
	printf("%-44s %8d\n", what, n);
}

static void print_all(void)
{
	int cuts = tally->cuts[LOSS_UNSYNCED] + tally->cuts[LOSS_SOME] + tally->cuts[LOSS_NONE];
	int points = 0;

	for (int i = 0; i < POINTS; i++)
		points += tally->points[i];
	print_row("statements that write", tally->points[POINT_STATEMENT]);
	print_row("requests, before", tally->points[POINT_BEFORE]);
	print_row("requests, after", tally->points[POINT_AFTER]);
	print_row("changes of the disk", tally->points[POINT_CHANGE]);
	print_row("cuts that leave what was synced", tally->cuts[LOSS_UNSYNCED]);
	print_row("cuts that leave some of the rest", tally->cuts[LOSS_SOME]);
	print_row("kills", tally->cuts[LOSS_NONE]);
	print_row("pairs of statement and request", tally->pairs);
	print_row("lives with a finding", tally->bad);
	print_row("lost builds", tally->lost);
	print_row("double builds", tally->twice);
	printf("figures crashes: statements=%d requests=%d events=%d points=%d cuts=%d pairs=%d"
	       " bad=%d lost=%d double=%d\n",
	       tally->points[POINT_STATEMENT], tally->points[POINT_BEFORE],
	       tally->points[POINT_CHANGE], points, cuts, tally->pairs, tally->bad, tally->lost,
	       tally->twice);
}

static void live_whole_day(void)
{
	live_day(false);
}

/* Each job lives the day and cuts it at points of its own. */
static int run_all(int jobs)
{
	int status, bad = 0;

	begin(1);
	run.jobs = jobs;
	for (run.job = 0; run.job < jobs; run.job++) {
		fflush(NULL);
		if (fork() == 0) {
			check_run(live_whole_day);
			exit(check_failing());
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	print_all();
	return bad || tally->bad;
}

/* "132:none" */
static bool read_cut(const char *text, struct cut *ret_cut)
{
	char *end;

	ret_cut->point = (int)strtol(text, &end, 10);
	for (ret_cut->loss = LOSS_UNSYNCED; ret_cut->loss < LOSSES; ret_cut->loss++) {
		if (*end == ':' && strcmp(end + 1, loss_words[ret_cut->loss]) == 0)
			return ret_cut->point > 0;
	}
	return false;
}

static int run_one(int n, char **cuts)
{
	begin(1);
	for (int i = 0; i < n; i++) {
		if (!read_cut(cuts[i], &run.wish[i])) {
			fprintf(stderr, "crashes: %s is no cut like 132:none\n", cuts[i]);
			return 2;
		}
	}
	check_run(live_whole_day);
	return check_done() || tally->bad;
}

static int run_sample(void)
{
	check_run(after_any_cut_the_day_ends_as_it_should);
	check_run(without_syncs_builds_are_lost);
	return check_done();
}

int main(int argc, char **argv)
{
	int jobs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	             0);
	if (tally == MAP_FAILED)
		return 2;
	if (argc == 1)
		return run_sample();
	if (strcmp(argv[1], "all") == 0 && jobs > 0 && jobs <= JOBS)
		return run_all(jobs);
	return run_one(argc - 1 < DEEPEST ? argc - 1 : DEEPEST, argv + 1);
}
