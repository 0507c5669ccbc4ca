/*
 * config_kinds: the types of values that evergold.yaml has.
 *
 * Each says in `wanted` what it takes, in the words that a fault uses. What a kind puts into the
 * struct stands beside it.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_KINDS_H
#define EVERGOLD_DECIDE_CONFIG_KINDS_H

#include "common/decide/config_read.h"

/* const char *, a text of one line in the form that the kind has. */
extern const struct kind kind_name; /* of a family or publisher */
extern const struct kind kind_region;
extern const struct kind kind_topic;   /* ARN */
extern const struct kind kind_bus;     /* of EventBridge: name or ARN */
extern const struct kind kind_pointer; /* into JSON */
extern const struct kind kind_account; /* id or alias */
extern const struct kind kind_url;     /* http or https, of a service */
extern const struct kind kind_queue_url;
extern const struct kind kind_path;   /* of a file or folder */
extern const struct kind kind_listen; /* HOST:PORT */
extern const struct kind kind_pipeline_name;
extern const struct kind kind_role;      /* ARN */
extern const struct kind kind_parameter; /* name in Parameter Store */
extern const struct kind kind_golden;    /* struct golden_parameter; its section in the row */
extern const struct kind kind_output;    /* output variable of an action */
extern const struct kind kind_version;   /* of a release, or the beginning of one */
extern const struct kind kind_kernel;
extern const struct kind kind_channel;
extern const struct kind kind_mention;

extern const struct kind kind_integer;  /* int or int64_t */
extern const struct kind kind_duration; /* the same, in seconds */
extern const struct kind kind_bool;
extern const struct kind kind_choice;    /* const char *, what the word means */
extern const struct kind kind_is_first;  /* bool: the first of the choice's words was written */
extern const struct kind kind_secret;    /* struct secret_ref */
extern const struct kind kind_webhook;   /* struct sink_url */
extern const struct kind kind_pattern;   /* struct pattern */
extern const struct kind kind_variables; /* const struct variable *, and their number */
extern const struct kind kind_publisher; /* const struct publisher * */
extern const struct kind kind_shape;     /* enum shape */

extern const struct kind kind_list;        /* const T *, of the kind or section in the row */
extern const struct kind kind_section;     /* the fields of the row's section */
extern const struct kind kind_unsupported; /* nothing: what this version cannot do is a fault */

#endif
