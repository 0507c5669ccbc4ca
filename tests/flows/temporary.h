/*
 * temporary: a folder for files of one test program, which goes when the program ends.
 */
#ifndef TESTS_FLOWS_TEMPORARY_H
#define TESTS_FLOWS_TEMPORARY_H

const char *temporary_folder(void); /* static; the same at each call */
const char *temporary_empty(void);  /* the same folder, with nothing in it */
int temporary_files(void);          /* how many are in it */

#endif
