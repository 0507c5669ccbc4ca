/* A row is a process of its own, which is confined as the worker is and then tries one thing. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming): the C library chose the name */
#include "worker/adapters/confinement.h"

#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DONE        0
#define KILLED      (-SIGSYS)
#define FIRST_PORTS 4 /* the version of Landlock that knows ports */

/* What the sanitizers' runtime may do, see confinement_calls.c. */
#ifdef SANITIZED
#define FOR_LEAKS 1
#else
#define FOR_LEAKS 0
#endif

static pid_t parent; /* of the confined process, and outside */

static int64_t no_time(void)
{
	return 0;
}

static const struct log no_log = { .level = LOG_ERROR, .fd = -1, .now_ms = no_time };

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

/* ---- Where the files are: work/ is written, secret/ is read, other/ is nobody's -------------- */

static char name[4096];

static const char *in_folder(const char *rest)
{
	snprintf(name, sizeof(name), "%s/%s", temporary_folder(), rest);
	return name;
}

static void make_file(const char *path)
{
	int fd = open(in_folder(path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0, "%s", path);
	close(fd);
}

static void make_link(const char *target, const char *path)
{
	CHECK_INT(symlink(target, in_folder(path)), 0);
}

static void move(const char *from, const char *to)
{
	char old[sizeof(name)];

	snprintf(old, sizeof(old), "%s", in_folder(from));
	CHECK_INT(rename(old, in_folder(to)), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	return place->level ? remove(path) : 0;
}

static void remove_all(void)
{
	nftw(temporary_folder(), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* As Kubernetes lays out a volume: token -> ..data/token, ..data -> ..1, replaced as a whole. */
static void make_folders(void)
{
	static const char *const folders[] = { "work",       "secret",   "secret/..1",
		                               "secret/..2", "other",    "linked",
		                               "linked/1",   "linked/2", "home" };

	remove_all();
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		CHECK_INT(mkdir(in_folder(folders[i]), 0700), 0);
	make_file("work/ledger.db");
	make_file("other/file");
	make_file("secret/..1/token");
	make_file("secret/..2/token");
	make_link("..1", "secret/..data");
	make_link("..data/token", "secret/token");
	make_file("linked/1/key");
	make_file("linked/2/key");
	make_link("1", "linked/now");
	make_link("../linked/now/key", "home/key");
}

static void begin(struct confinement *confinement)
{
	confinement_write(confinement, in_folder("work/ledger.db"));
	confinement_read(confinement, in_folder("secret/token"));
	confinement_read(confinement, in_folder("home/key"));
	confinement_read(confinement, in_folder("home/.aws/config"));
	confinement_read(confinement, "/./evergold-is-not-here"); /* beside it is everything */
	confinement_read(confinement, NULL);
	confinement_read(confinement, "");
}

/* ---- What is tried: -1 with errno when it was refused ---------------------------------------- */

static long opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

#define TRY(title, expression)             \
	static long title(void)            \
	{                                  \
		return (long)(expression); \
	}

TRY(start_a_program, execl("/bin/true", "true", (char *)NULL))
TRY(fork_, fork())
TRY(ptrace_, syscall(SYS_ptrace, 0, 0, 0, 0))
TRY(write_into_others, syscall(SYS_process_vm_writev, parent, NULL, 0, NULL, 0, 0))
TRY(bpf, syscall(SYS_bpf, 0, NULL, 0))
TRY(perf_event_open, syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))
TRY(kexec_load, syscall(SYS_kexec_load, 0, 0, NULL, 0))
TRY(init_module, syscall(SYS_init_module, NULL, 0, ""))
TRY(mount_, syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL))
TRY(open_tree, syscall(SYS_open_tree, AT_FDCWD, "/", 0))
TRY(unshare_, syscall(SYS_unshare, CLONE_NEWUSER))
TRY(setns_, syscall(SYS_setns, 0, 0))
TRY(chroot_, chroot("/"))
TRY(settimeofday_, syscall(SYS_settimeofday, NULL, NULL))
TRY(io_uring_setup, syscall(SYS_io_uring_setup, 1, NULL))
TRY(userfaultfd, syscall(SYS_userfaultfd, 0))
TRY(keyctl, syscall(SYS_keyctl, 0, 0, 0, 0, 0))
TRY(personality_, syscall(SYS_personality, 0xffffffff))
TRY(setuid_, syscall(SYS_setuid, getuid()))
TRY(kill_others, syscall(SYS_kill, parent, 0))
TRY(signal_others, syscall(SYS_tgkill, parent, parent, 0))
TRY(be_dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
TRY(raise_limits, setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }))
TRY(know_limits, getrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, 0 }))
TRY(clone_new_call, syscall(SYS_clone3, NULL, 0))
TRY(packets, socket(AF_PACKET, SOCK_RAW, 0))
TRY(kernel_crypto, socket(AF_ALG, SOCK_SEQPACKET, 0))
TRY(connections, socket(AF_INET, SOCK_STREAM, 0))
TRY(connections_6, socket(AF_INET6, SOCK_DGRAM, 0))
TRY(listen_, listen(0, 1))
TRY(type_for_the_user, ioctl(0, TIOCSTI, ""))
TRY(make_code, mprotect(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096,
                        PROT_READ | PROT_EXEC))
TRY(make_folder, mkdir(in_folder("work/folder"), 0700))
TRY(write_ledger, opened(in_folder("work/ledger.db"), O_RDWR))
TRY(write_beside_ledger, opened(in_folder("work/ledger.db-wal"), O_RDWR | O_CREAT))
TRY(truncate_ledger, opened(in_folder("work/ledger.db"), O_RDWR | O_TRUNC))
TRY(remove_ledger, unlink(in_folder("work/ledger.db")))
TRY(read_secret, opened(in_folder("secret/token"), O_RDONLY))
TRY(write_secret, opened(in_folder("secret/token"), O_WRONLY))
TRY(write_beside_secret, opened(in_folder("secret/new"), O_WRONLY | O_CREAT))
TRY(remove_secret, unlink(in_folder("secret/..1/token")))
TRY(read_linked, opened(in_folder("home/key"), O_RDONLY))
TRY(read_aws_settings, opened(in_folder("home/.aws/config"), O_RDONLY))
TRY(read_other, opened(in_folder("other/file"), O_RDONLY))
TRY(write_other, opened(in_folder("other/new"), O_WRONLY | O_CREAT))
TRY(list_other, opened(in_folder("other"), O_RDONLY | O_DIRECTORY))
TRY(write_settings, opened("/etc/evergold-was-here", O_WRONLY | O_CREAT))
TRY(read_settings, opened("/etc/passwd", O_RDONLY))
TRY(read_processes, opened("/proc/1/status", O_RDONLY))
TRY(read_itself, opened("/proc/self/status", O_RDONLY))

static long make_writable_code(void)
{
	int all = PROT_READ | PROT_WRITE | PROT_EXEC;

	return mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long load_code(void)
{
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0;
}

static long give_up(void)
{
	abort();
}

static long take_a_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static void *in_thread(void *ctx)
{
	return ctx;
}

static long start_a_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, in_thread, NULL);
	return errno ? -1 : pthread_join(thread, NULL);
}

static long look_up_a_name(void)
{
	struct addrinfo *found = NULL;
	int failed = getaddrinfo("localhost", "443", NULL, &found);

	if (!failed)
		freeaddrinfo(found);
	errno = EIO;
	return failed ? -1 : 0;
}

/* ---- What others do meanwhile ---------------------------------------------------------------- */

static void replace_volume(void)
{
	make_link("..2", "secret/..new");
	move("secret/..new", "secret/..data");
}

static void replace_file(void)
{
	make_file("secret/..1/new");
	move("secret/..1/new", "secret/..1/token");
}

static void change_link(void)
{
	make_link("2", "linked/new");
	move("linked/new", "linked/now");
}

static void make_settings(void)
{
	CHECK_INT(mkdir(in_folder("home/.aws"), 0700), 0);
	make_file("home/.aws/config");
}

/* ---- Rows ------------------------------------------------------------------------------------ */

struct row {
	const char *name;
	long (*attempt)(void);
	int wanted;              /* DONE, KILLED or an error */
	long landlock;           /* the version that it takes */
	void (*meanwhile)(void); /* when it is confined already; or NULL */
};

#define ROW(attempt, wanted)                       \
	{                                          \
#attempt, attempt, wanted, 0, NULL \
	}
#define FILE_ROW(attempt, wanted)                  \
	{                                          \
#attempt, attempt, wanted, 1, NULL \
	}
#define AFTER(change, attempt)                    \
	{                                         \
#change, attempt, DONE, 1, change \
	}

static const struct row alone[] = {
	ROW(start_a_program, ENOSYS),
	ROW(fork_, FOR_LEAKS ? DONE : ENOSYS),
	ROW(ptrace_, FOR_LEAKS ? DONE : KILLED),
	ROW(write_into_others, KILLED),
	ROW(bpf, KILLED),
	ROW(perf_event_open, KILLED),
	ROW(kexec_load, KILLED),
	ROW(init_module, KILLED),
	ROW(mount_, KILLED),
	ROW(open_tree, KILLED),
	ROW(unshare_, KILLED),
	ROW(setns_, KILLED),
	ROW(chroot_, KILLED),
	ROW(settimeofday_, KILLED),
	ROW(io_uring_setup, ENOSYS),
	ROW(userfaultfd, ENOSYS),
	ROW(keyctl, ENOSYS),
	ROW(personality_, ENOSYS),
	ROW(setuid_, ENOSYS),
	ROW(kill_others, FOR_LEAKS ? EPERM : ENOSYS),
	ROW(signal_others, FOR_LEAKS ? EPERM : ENOSYS),
	ROW(be_dumpable, FOR_LEAKS ? DONE : ENOSYS),
	ROW(raise_limits, ENOSYS),
	ROW(know_limits, DONE),
	ROW(clone_new_call, ENOSYS),
	ROW(packets, ENOSYS),
	ROW(kernel_crypto, ENOSYS),
	ROW(connections, DONE),
	ROW(connections_6, DONE),
	ROW(listen_, ENOSYS),
	ROW(type_for_the_user, ENOSYS),
	ROW(make_code, ENOSYS),
	ROW(make_writable_code, ENOSYS),
	ROW(load_code, DONE),
	ROW(give_up, -SIGABRT),
	ROW(make_folder, ENOSYS),
	ROW(start_a_thread, DONE),
	ROW(look_up_a_name, DONE),
	ROW(write_ledger, DONE),
	ROW(write_beside_ledger, DONE),
	ROW(truncate_ledger, DONE),
	ROW(remove_ledger, DONE),
	ROW(read_secret, DONE),
	ROW(read_linked, DONE),
	ROW(read_settings, DONE),
	ROW(read_itself, DONE),
	FILE_ROW(write_secret, EACCES),
	FILE_ROW(write_beside_secret, EACCES),
	FILE_ROW(remove_secret, EACCES),
	FILE_ROW(read_other, EACCES),
	FILE_ROW(write_other, EACCES),
	FILE_ROW(list_other, EACCES),
	FILE_ROW(write_settings, EACCES),
	FILE_ROW(read_processes, EACCES),
	{ "take_a_port", take_a_port, EACCES, FIRST_PORTS, NULL },
	AFTER(replace_volume, read_secret),
	AFTER(replace_file, read_secret),
	AFTER(change_link, read_linked),
	AFTER(make_settings, read_aws_settings),
};

/* A program needs what nobody knows, but not the machine. */
static const struct row with_programs[] = {
	ROW(start_a_program, DONE),
	ROW(fork_, DONE),
	ROW(connections, DONE),
	ROW(write_other, DONE),
	ROW(make_folder, DONE),
	ROW(make_writable_code, DONE),
	ROW(ptrace_, FOR_LEAKS ? DONE : EPERM),
	ROW(write_into_others, EPERM),
	ROW(bpf, EPERM),
	ROW(mount_, EPERM),
	ROW(unshare_, EPERM),
	ROW(io_uring_setup, EPERM),
};

/* Tells that it is confined, and waits until the others have done their part. */
static void run(const struct row *row, bool programs, int news)
{
	struct confinement confinement = { .programs = programs };
	char byte = 0;

	begin(&confinement);
	confinement_enter(&confinement, &no_log);
	if (write(news, &byte, 1) != 1 || read(news, &byte, 1) != 1)
		_exit(255);
	_exit(row->attempt() < 0 ? errno : DONE);
}

static int outcome(pid_t pid)
{
	int status = 0;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void check_row(const struct row *row, bool programs)
{
	int news[2];
	char byte;
	pid_t pid;

	make_folders();
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, news), 0);
	pid = fork();
	if (pid == 0)
		run(row, programs, news[1]);
	CHECK_INT(read(news[0], &byte, 1), 1);
	if (row->meanwhile)
		row->meanwhile();
	CHECK_INT(write(news[0], &byte, 1), 1);
	check_int(outcome(pid), row->wanted, row->name, CHECK_HERE);
	close(news[0]);
	close(news[1]);
}

static void check_rows(const struct row *rows, size_t n, bool programs)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].landlock <= landlock_version() || !rows[i].landlock)
			check_row(&rows[i], programs);
	}
}

TEST(only_what_the_work_needs_can_be_done)
{
	check_rows(alone, sizeof(alone) / sizeof(alone[0]), false);
}

TEST(programs_can_be_run_and_do_no_harm)
{
	check_rows(with_programs, sizeof(with_programs) / sizeof(with_programs[0]), true);
}

int main(void)
{
	parent = getpid();
	check_run(only_what_the_work_needs_can_be_done);
	check_run(programs_can_be_run_and_do_no_harm);
	remove_all();
	return check_done();
}
