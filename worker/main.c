/*
 * evergold: starts the pipeline of a golden AMI when AWS announces a new base AMI.
 *
 * The map. Includes go downwards only; common/ is pure, worker/ touches the world.
 *
 *   worker/main.c             finds the command
 *   worker/cli/               run, replay, explain, record, status, …: one file a command
 *     options complain progress the command line, what is wrong with it, how far it is
 *     load world walk inbox     configuration file; the real world; saved documents, messages
 *     replay_* life             what replay asks for, reads, prints; what a configuration decides
 *     simulation                its ledger, in which time passes as announcements say
 *     inquiry                   what check --online and doctor ask, and how it is printed
 *     hand                      what the operator's commands share: the ledger beside its worker
 *     ledger rebuild            is it sound; made anew when it was lost
 *   worker/flows/             named steps over one struct each; they see the world as struct ports
 *     worker                    the parts below together, and their orderly end
 *     receiver batch message    long poll; its messages; one message up to its decisions
 *     deletions queue           what may leave the queue; requests to it
 *     recorder                  keeps what is received
 *     builder build lanes       which rows are due; one row one step on; starts, one by one
 *     step build_* admission    its steps; whether it may start now
 *     catch_up line survey      when AWS is asked; one family and region; what AWS has
 *     notifier                  Slack
 *     withdrawal vigil          images taken back: by a message, or by being gone
 *   worker/aws/               client (signs, sends, retries), credentials, roles, certificates
 *   worker/adapters/          loop (libev), http (libcurl), sqlite + ledger, zone, log, file,
 *                             archive (of messages), privacy, confinement
 *
 *   common/say/               records, status, Slack messages, differences: structs to text
 *   common/decide/            configuration, matching, versions, decisions, builds, preflight
 *   common/release/           publishers and the shapes of their announcements
 *   common/sns/               envelope, certificate, signature: the gate
 *   common/aws/               SigV4, endpoints, retry policy, errors, one wire module a service
 *   common/base/              err span buf arena, the JSON reader and writer, limits
 */
#include "common/base/attr.h"
#include "worker/adapters/confinement.h"
#include "worker/adapters/privacy.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

static const struct command *const commands[] = {
	&command_run,     &command_replay,     &command_explain, &command_record,  &command_check,
	&command_doctor,  &command_publishers, &command_status,  &command_history, &command_hold,
	&command_release, &command_quarantine, &command_retry,   &command_ledger,
};

static void print_help(FILE *out)
{
	fputs("evergold keeps golden AMIs evergreen: it starts your pipeline when AWS\n"
	      "announces a new base AMI, follows the build and tells your team.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  evergold %s\n", commands[i]->synopsis);
	fputs("\n  evergold COMMAND --help, evergold --version\n\n"
	      "The configuration is read from --config, else $EVERGOLD_CONFIG, else\n"
	      "/etc/evergold/evergold.yaml.\n",
	      out);
}

static int unknown_command(const char *word)
{
	const char *known[ARRAY_LEN(commands) + 2] = { "--help", "--version" };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		known[i + 2] = commands[i]->name;
	options_unknown("command", word, known, ARRAY_LEN(known));
	return EXIT_USAGE;
}

static int do_command(char **args)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(args[0], commands[i]->name) == 0)
			return commands[i]->main(commands[i], args + 1);
	}
	if (strcmp(args[0], "--help") == 0 || strcmp(args[0], "-h") == 0)
		print_help(stdout);
	else if (strcmp(args[0], "--version") == 0)
		puts("evergold " EVERGOLD_VERSION);
	else
		return unknown_command(args[0]);
	return EXIT_DONE;
}

/* A full disk or a closed pipe shows itself only here. */
static bool is_written(void)
{
	return fflush(stdout) == 0 && !ferror(stdout);
}

int main(int argc, char **argv)
{
	int status;

	privacy_keep();
	confinement_no_new_privileges();
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	status = do_command(argv + 1);
	if (status == EXIT_DONE && !is_written()) {
		complain("the output could not be written");
		status = EXIT_COULD_NOT;
	}
	return status;
}
