/*
 * config_images: what a family's wishes for images take of what its publisher is known to have.
 *
 * Nothing of it makes a file wrong: publishers come up with names that the catalogue does not know.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_IMAGES_H
#define EVERGOLD_DECIDE_CONFIG_IMAGES_H

#include "common/decide/config_read.h"

/* The path of the reading is the family's. Only what a publisher itself announces counts. */
void config_check_images(struct reading *reading, const struct family *family);

#endif
