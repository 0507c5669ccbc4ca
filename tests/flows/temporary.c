#include "tests/flows/temporary.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[32];
static pid_t owner; /* a child that a test forks leaves the folder alone */

static void remove_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void remove_folder(void)
{
	if (getpid() != owner)
		return;
	remove_files();
	rmdir(folder);
}

const char *temporary_folder(void)
{
	if (folder[0])
		return folder;
	snprintf(folder, sizeof(folder), "%s/evergold-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm"
	                                       : "/tmp"); /* fsync costs nothing there */
	if (!mkdtemp(folder)) {
		perror("mkdtemp");
		exit(2);
	}
	owner = getpid();
	atexit(remove_folder);
	return folder;
}

const char *temporary_empty(void)
{
	temporary_folder();
	remove_files();
	return folder;
}

int temporary_files(void)
{
	DIR *dir = opendir(temporary_folder());
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}
