#define _GNU_SOURCE /* strcasestr */
#include "tests/flows/local_server.h"

#include "common/base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/banned.h"

struct board {
	atomic_int requests;
	char texts[LOCAL_REQUESTS][LOCAL_REQUEST];
};

struct local_server {
	pid_t group; /* the accepting process leads it */
	char origin[64];
	struct board *board; /* shared with the processes */
};

_Noreturn static void give_up(const char *what)
{
	perror(what);
	abort();
}

/* ---- One connection, in a process of its own ------------------------------------------------- */

static size_t body_length(const char *head)
{
	const char *header = strcasestr(head, "\r\ncontent-length:");

	return header ? strtoul(strchr(header + 2, ':') + 1, NULL, 10) : 0;
}

/* What a server without TLS says to a client that begins with it. */
static bool refuse_tls(int fd, char first)
{
	static const char refusal[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	return first == 0x16 && write(fd, refusal, sizeof(refusal) - 1) > 0;
}

/* Reads on until nothing of this request is missing; keeps what fits. False: hung up. */
static bool read_request(int fd, char *text)
{
	size_t kept = 0, seen = 0, whole = 0;
	char part[4096];
	ssize_t n;

	while (!whole || seen < whole) {
		n = read(fd, part, sizeof(part));
		if (n <= 0 || refuse_tls(fd, part[0]))
			return false;
		seen += (size_t)n;
		if ((size_t)n > LOCAL_REQUEST - 1 - kept)
			n = (ssize_t)(LOCAL_REQUEST - 1 - kept);
		memcpy(text + kept, part, (size_t)n);
		kept += (size_t)n;
		text[kept] = '\0';
		if (!whole && strstr(text, "\r\n\r\n"))
			whole = (size_t)(strstr(text, "\r\n\r\n") + 4 - text) + body_length(text);
	}
	return true;
}

static void reset(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static enum local_end answer_one(struct board *board, int fd, local_answer_fn *answer)
{
	static char text[LOCAL_REQUEST], path[1024];
	int number;

	if (!read_request(fd, text))
		return LOCAL_CLOSE;
	number = atomic_fetch_add(&board->requests, 1);
	if (number < LOCAL_REQUESTS)
		memcpy(board->texts[number], text, sizeof(text));
	if (sscanf(text, "%*s %1023s", path) != 1)
		path[0] = '\0';
	return answer(&(struct local_request){ number, fd, path, text });
}

_Noreturn static void serve_connection(struct board *board, int fd, local_answer_fn *answer)
{
	enum local_end end;

	while ((end = answer_one(board, fd, answer)) == LOCAL_KEEP)
		;
	if (end == LOCAL_RESET)
		reset(fd);
	close(fd);
	_exit(0);
}

_Noreturn static void serve(struct board *board, int listener, local_answer_fn *answer)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (fork() == 0)
			serve_connection(board, fd, answer);
		close(fd);
	}
}

/* ---- For answering functions ----------------------------------------------------------------- */

static void write_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len && (n = write(fd, bytes, len)) > 0) {
		bytes += n;
		len -= (size_t)n;
	}
}

void local_say(const struct local_request *request, const char *format, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	write_all(request->fd, text, (size_t)len);
}

void local_say_bytes(const struct local_request *request, char byte, int n)
{
	char part[1024];

	memset(part, byte, sizeof(part));
	for (; n > 0; n -= (int)sizeof(part))
		write_all(request->fd, part, n < (int)sizeof(part) ? (size_t)n : sizeof(part));
}

void local_await_hangup(const struct local_request *request)
{
	char byte;

	while (read(request->fd, &byte, 1) > 0)
		;
}

/* ---- The server ------------------------------------------------------------------------------ */

static int listen_somewhere(struct local_server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) || listen(listener, 512) ||
	    getsockname(listener, (struct sockaddr *)&at, &len))
		give_up("local server");
	snprintf(server->origin, sizeof(server->origin), "http://127.0.0.1:%u", ntohs(at.sin_port));
	return listener;
}

struct local_server *local_server_start(local_answer_fn *answer)
{
	struct local_server *server = xcalloc(1, sizeof(*server));
	int listener = listen_somewhere(server);

	server->board = mmap(NULL, sizeof(*server->board), PROT_READ | PROT_WRITE,
	                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (server->board == MAP_FAILED)
		give_up("shared memory");
	server->group = fork();
	if (server->group < 0)
		give_up("fork");
	if (server->group == 0) {
		setpgid(0, 0);
		serve(server->board, listener, answer);
	}
	setpgid(server->group, server->group);
	close(listener);
	return server;
}

void local_server_stop(struct local_server *server)
{
	if (!server)
		return;
	kill(-server->group, SIGKILL);
	waitpid(server->group, NULL, 0);
	munmap(server->board, sizeof(*server->board));
	free(server);
}

const char *local_server_origin(const struct local_server *server)
{
	return server->origin;
}

int local_server_requests(const struct local_server *server)
{
	return atomic_load(&server->board->requests);
}

const char *local_server_request(const struct local_server *server, int number)
{
	return number < LOCAL_REQUESTS ? server->board->texts[number] : "";
}
