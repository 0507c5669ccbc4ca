/* For the flags of clone(). */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming): the C library chose the name */
#include "worker/adapters/confinement_calls.h"

#include "common/base/attr.h"
#include "common/base/mem.h"
#include "common/base/span.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/banned.h"

/*
 * A row is why, and the names of calls. A name that libseccomp or a machine does not have (open on
 * arm64, say) is passed over. Several names for one thing are those of C libraries, kernels and
 * settings that differ: glibc of Debian 12 and Ubuntu 24.04, and what their next ones may use.
 */
struct group {
	const char *why, *calls;
};

static const struct group needed[] = {
	{ "the loop waits, and SQLite for another writer",
	  "epoll_ctl epoll_wait epoll_pwait epoll_pwait2 poll ppoll select pselect6 nanosleep "
	  "clock_nanosleep restart_syscall eventfd2" },
	{ "clocks that the kernel does not lay into the process's memory; chance",
	  "clock_gettime clock_getres gettimeofday time getrandom" },
	{ "memory, with mmap and mprotect below", "brk munmap mremap madvise" },
	{ "the files that Landlock lets it open: ledger, archive, certificates, secrets, settings",
	  "openat open close read pread64 write writev pwrite64 lseek fcntl flock fsync fdatasync "
	  "ftruncate fstat stat lstat newfstatat statx access faccessat faccessat2 readlink "
	  "readlinkat getdents64 getcwd unlink unlinkat renameat renameat2 fchmod fchown" },
	{ "connections, and how the C library chooses among a host's addresses",
	  "socketpair pipe2 connect bind getsockname getpeername getsockopt setsockopt sendto "
	  "sendmsg sendmmsg recvfrom recvmsg shutdown" },
	{ "libcurl looks up each name in a thread",
	  "futex set_robust_list rseq gettid getpid sched_yield sched_getaffinity exit" },
	{ "the end, by signals and by itself",
	  "rt_sigaction rt_sigprocmask rt_sigreturn exit_group" },
	{ "what libraries ask before they trust the environment, or choose sizes",
	  "getuid geteuid getgid getegid uname sysinfo getrlimit" },
};

#define THREAD     (CLONE_VM | CLONE_THREAD)
#define NEW_SPACES (CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Calls that are needed where bits of one argument are as they should be; a row for each way. */
static const struct checked {
	const char *why, *call;
	unsigned int argument;
	uint64_t bits, wanted;
} checked[] = {
	{ "name services of the system", "socket", 0, UINT32_MAX, AF_UNIX },
	{ "connections", "socket", 0, UINT32_MAX, AF_INET },
	{ "connections", "socket", 0, UINT32_MAX, AF_INET6 },
	{ "which addresses this machine has", "socket", 0, UINT32_MAX, AF_NETLINK },
	{ "threads, but no processes", "clone", 0, THREAD | NEW_SPACES, THREAD },
	{ "memory", "mmap", 2, PROT_EXEC, 0 },
	{ "a module that a library loads", "mmap", 2, PROT_WRITE, 0 },
	{ "memory", "mprotect", 2, PROT_EXEC, 0 },
	{ "a descriptor that does not wait", "ioctl", 1, UINT32_MAX, FIONBIO },
	{ "how much there is to read", "ioctl", 1, UINT32_MAX, FIONREAD },
	{ "whether it is a terminal", "ioctl", 1, UINT32_MAX, TCGETS },
	{ "the interface in a name server's address", "ioctl", 1, UINT32_MAX, SIOCGIFINDEX },
	{ "names of threads", "prctl", 0, UINT32_MAX, PR_SET_NAME },
	{ "limits, to know them and not to set them", "prlimit64", 2, UINT64_MAX, 0 },
};

#ifdef SANITIZED
#define LOOKING_FOR_LEAKS \
	"clone prctl ptrace wait4 kill tgkill getppid getdents mincore sigaltstack"
#define INTO_OTHERS "process_vm_writev"
#else
#define LOOKING_FOR_LEAKS ""
#define INTO_OTHERS       "ptrace process_vm_readv process_vm_writev"
#endif

static const struct group of_sanitizers = {
	"at the end a process of their runtime stops the others and looks for leaks",
	LOOKING_FOR_LEAKS,
};

/* Nothing here ever asks for these: whoever does is not this program any more. */
static const struct group hostile[] = {
	{ "other processes", INTO_OTHERS " process_madvise pidfd_getfd kcmp perf_event_open" },
	{ "the kernel",
	  "bpf kexec_load kexec_file_load init_module finit_module delete_module iopl "
	  "ioperm modify_ldt reboot" },
	{ "what is mounted where, and other spaces of names",
	  "mount umount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick "
	  "mount_setattr unshare setns chroot swapon swapoff acct quotactl open_by_handle_at" },
	{ "the machine's name and clock",
	  "sethostname setdomainname settimeofday clock_settime stime" },
};

/* A library might try these one day and do without. */
static const struct group risky[] = {
	{ "where kernels have failed most", "userfaultfd io_uring_setup io_uring_enter "
	                                    "io_uring_register" },
};

/* ---- The filter ------------------------------------------------------------------------------ */

struct rules {
	scmp_filter_ctx filter;
	bool failed;
};

static void add_call(struct rules *rules, uint32_t action, struct span name)
{
	char *text = xspandup(name);
	int call = seccomp_syscall_resolve_name(text);

	free(text);
	if (call != __NR_SCMP_ERROR)
		rules->failed |= seccomp_rule_add(rules->filter, action, call, 0) != 0;
}

static void add(struct rules *rules, uint32_t action, const struct group *group)
{
	const char *name = group->calls;

	while (*name) {
		size_t len = strcspn(name, " ");

		if (len)
			add_call(rules, action, (struct span){ name, len });
		name += len + strspn(name + len, " ");
	}
}

static void add_all(struct rules *rules, uint32_t action, const struct group *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(rules, action, &groups[i]);
}

static void add_checked(struct rules *rules, const struct checked *row)
{
	struct scmp_arg_cmp argument = { row->argument, SCMP_CMP_MASKED_EQ, row->bits,
		                         row->wanted };
	int call = seccomp_syscall_resolve_name(row->call);

	rules->failed |= seccomp_rule_add_array(rules->filter, SCMP_ACT_ALLOW, call, 1,
	                                        &argument) != 0;
}

static void add_needed(struct rules *rules)
{
	struct checked itself = { "abort()", "tgkill", 0, UINT32_MAX, (uint64_t)getpid() };

	add_all(rules, SCMP_ACT_ALLOW, needed, ARRAY_LEN(needed));
	for (size_t i = 0; i < ARRAY_LEN(checked); i++)
		add_checked(rules, &checked[i]);
	add_checked(rules, &itself);
	add(rules, SCMP_ACT_ALLOW, &of_sanitizers);
	add_all(rules, SCMP_ACT_KILL_PROCESS, hostile, ARRAY_LEN(hostile));
}

/* Programs may be built for another machine that this one can be, too. */
static void add_relatives(struct rules *rules)
{
	static const uint32_t of_x86[] = { SCMP_ARCH_X86, SCMP_ARCH_X32 },
			      of_arm[] = { SCMP_ARCH_ARM };
	uint32_t native = seccomp_arch_native();

	for (size_t i = 0; native == SCMP_ARCH_X86_64 && i < ARRAY_LEN(of_x86); i++)
		rules->failed |= seccomp_arch_add(rules->filter, of_x86[i]) != 0;
	if (native == SCMP_ARCH_AARCH64)
		rules->failed |= seccomp_arch_add(rules->filter, of_arm[0]) != 0;
}

static void add_harmful(struct rules *rules)
{
	add_relatives(rules);
	add_all(rules, SCMP_ACT_ERRNO(EPERM), hostile, ARRAY_LEN(hostile));
	add_all(rules, SCMP_ACT_ERRNO(EPERM), risky, ARRAY_LEN(risky));
}

/* Where nobody has tried the list it might lack something that every program needs. */
static bool list_is_tried(void)
{
	uint32_t native = seccomp_arch_native();

	return native == SCMP_ARCH_X86_64 || native == SCMP_ARCH_AARCH64;
}

static bool load(bool only_needed)
{
	uint32_t otherwise = only_needed ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW;
	struct rules rules = { .filter = seccomp_init(otherwise) };

	if (!rules.filter)
		return false;
	if (only_needed)
		add_needed(&rules);
	else
		add_harmful(&rules);
	seccomp_attr_set(rules.filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* as a tree, if it can */
	rules.failed = rules.failed || seccomp_load(rules.filter) != 0;
	seccomp_release(rules.filter);
	return !rules.failed;
}

const char *confinement_calls(bool programs)
{
	bool only_needed = !programs && list_is_tried();

	if (!load(only_needed))
		return "all (seccomp refuses)";
	return only_needed ? "needed ones" : "harmless ones";
}
