/*
 * parameters: the public parameters in which AWS keeps the current images of its publishers.
 *
 * Each list ends with one without path. Source: the publishers' guides, and the AWS Systems Manager
 * user guide, "Discovering public parameters". Red Hat, Rocky and Alma have none.
 */
#ifndef EVERGOLD_RELEASE_PARAMETERS_H
#define EVERGOLD_RELEASE_PARAMETERS_H

#include "common/release/catalogue.h"

extern const struct public_parameter parameters_al2023[], parameters_al2[], parameters_al1[],
	parameters_ecs[], parameters_ecs_al2023[], parameters_freebsd[], parameters_windows[],
	parameters_deep_learning[], parameters_ubuntu[], parameters_debian[], parameters_suse[],
	parameters_bottlerocket[], parameters_eks[];

#endif
