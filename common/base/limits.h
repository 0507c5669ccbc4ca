/*
 * limits: every maximum in one place.
 *
 * Whatever can grow because of something outside the program has its bound here. Sizes are in
 * bytes, durations carry their unit.
 */
#ifndef EVERGOLD_BASE_LIMITS_H
#define EVERGOLD_BASE_LIMITS_H

#include <stdint.h>

/* JSON that others wrote. A full AL2023 announcement (34 regions, 12 images) has 4,100 tokens. */
#define LIMIT_JSON_DEPTH   32
#define LIMIT_JSON_TOKENS  65536
#define LIMIT_JSON_MEMBERS 256 /* of one object; keeps the search for duplicate keys short */

/* XML that AWS answers with. A page of 1,000 images has some 80,000 elements in 4 MiB. */
#define LIMIT_XML_SIZE     (8 * 1024 * 1024)
#define LIMIT_XML_DEPTH    16
#define LIMIT_XML_ELEMENTS 262144
#define LIMIT_XML_PATH     1024        /* the names of all open elements */
#define LIMIT_XML_LEAF     (64 * 1024) /* the text of one element */

/* SQS: a message is at most 1 MiB, ten of them escaped inside a JSON answer about 7 MiB. */
#define LIMIT_MESSAGE_BODY    (1024 * 1024)
#define LIMIT_SQS_ANSWER      (8 * 1024 * 1024)
#define LIMIT_BATCH           10   /* messages in one receive or delete, SQS's own maximum */
#define LIMIT_RECEIVERS       64   /* long polls at a time */
#define LIMIT_PENDING_DELETES 1000 /* done but not yet deleted; above it nothing is received */
#define LIMIT_DELETE_TRIES    8
#define LIMIT_LEASE_S         43200 /* SQS hides no message for longer, however it is extended */
#define LIMIT_LEFT            640   /* messages that are left alone, and handed back at the end */

/* AWS answers other than a receive, certificates, Slack answers. */
#define LIMIT_AWS_ANSWER     (1024 * 1024)
#define LIMIT_AWS_BODY       (256 * 1024) /* of a request of ours */
#define LIMIT_URL            2048
#define LIMIT_SIGNED_TEXT    (256 * 1024) /* what SigV4 makes of all but the body */
#define LIMIT_CERTIFICATE    (16 * 1024)
#define LIMIT_SLACK_ANSWER   (64 * 1024)
#define LIMIT_SLACK_PAGE     (4 * 1024 * 1024) /* of 100 messages */
#define LIMIT_WEBHOOK_ANSWER (256 * 1024)      /* not looked at */
#define LIMIT_SECRET         2048              /* a token, the URL of a webhook, or its keys */
#define LIMIT_HEADER         (16 * 1024)       /* all header lines of one answer */
#define LIMIT_EXECUTIONS     100 /* on a page of ListPipelineExecutions, the API's maximum */
#define LIMIT_PAST           500 /* executions of one pipeline that a rebuild looks at */
#define LIMIT_VERSIONS       100 /* of a parameter, which is all that Parameter Store keeps */
#define LIMIT_ACTIONS        256 /* of one execution, each told once */
#define LIMIT_OUTPUTS        32  /* output variables that are looked for in them */
#define LIMIT_TIMELINE       64  /* actions that a row tells about */
#define LIMIT_STAGE_NAME     100 /* characters of a stage's or action's name, the API's own */
#define LIMIT_PARAMETERS     10  /* on a page of GetParametersByPath, likewise */
#define LIMIT_ATTRIBUTES     64  /* of one item in DynamoDB */
#define LIMIT_ITEMS          256 /* on a page of Query in DynamoDB */
#define LIMIT_ITEMS_ANSWER   (4 * 1024 * 1024) /* such a page: 1 MB of values, and JSON around */

/* Where credentials come from. */
#define LIMIT_CREDENTIAL_STEPS    8           /* roles assumed one with another, and their base */
#define LIMIT_CREDENTIAL_TOKEN    (16 * 1024) /* in a file: of a container, or a web identity */
#define LIMIT_CREDENTIAL_ANSWER   (16 * 1024) /* of a container's endpoint, IMDS or a process */
#define LIMIT_PROCESS_ARGUMENTS   256         /* of credential_process */
#define LIMIT_METADATA_TIMEOUT_S  60
#define LIMIT_METADATA_ATTEMPTS   10
#define LIMIT_AWS_ATTEMPTS        20    /* of one request, however many are asked for */
#define LIMIT_ROLE_DURATION_S     43200 /* AssumeRole's maximum */
#define LIMIT_ROLE_DURATION_MIN_S 900
#define LIMIT_ROLES               256 /* whose credentials are kept: one for each family */

/* Announcements. */
#define LIMIT_SUBJECT             100  /* characters, Amazon SNS developer guide, Publish */
#define LIMIT_IMAGES              4096 /* images in one announcement */
#define LIMIT_CANDIDATES          4096 /* (announcement, family, region) in one batch */
#define LIMIT_HOST_NAME           253  /* RFC 1035, in text */
#define LIMIT_SIGNATURE           1024 /* bytes; RSA with 8192 bits */
#define LIMIT_PINNED              16   /* trust.pinned_certificates */
#define LIMIT_CERTIFICATES        32   /* fetched and kept */
#define LIMIT_CERTIFICATES_KEPT   1000 /* in files */
#define LIMIT_CERTIFICATE_WAITERS (LIMIT_RECEIVERS * LIMIT_BATCH) /* every message received */
#define LIMIT_CLOCK_AHEAD_S       900  /* a Timestamp this far in the future is still believed */
#define LIMIT_HEARD               64   /* announcements from which a publisher's gaps are learned */
#define LIMIT_ANNOUNCEMENTS       1000 /* of one publisher, that the ledger keeps with decisions */
#define LIMIT_IMAGE_PAGES         8    /* of DescribeImages, for one family and region */
#define LIMIT_PARAMETER_PAGES     100  /* of public parameters, likewise */
#define LIMIT_REPLAY_DOCUMENT     (16 * 1024 * 1024)
#define LIMIT_ARCHIVED            100000 /* messages that are recorded in one folder */
#define LIMIT_COPIED              10000  /* that one `evergold record` takes from the queue */
#define LIMIT_EXPECTED            1000   /* saved records that are held while others are met */
#define LIMIT_EXPECTED_LINE       (256 * 1024)                      /* bytes of such a record */
#define LIMIT_REPLAY_AFTER_MS     (INT64_C(400) * 24 * 3600 * 1000) /* over a year's soak */

/* Configuration. */
#define LIMIT_CONFIG_FILE  (1024 * 1024)
#define LIMIT_PATH         4096
#define LIMIT_CONFIG_NODES 20000
#define LIMIT_CONFIG_DEPTH 16
#define LIMIT_CONFIG_KEYS  256  /* of one mapping; keeps the search for duplicates short */
#define LIMIT_CONFIG_TEXT  2048 /* one setting's value */
#define LIMIT_FAULTS       100  /* reported for one file */
#define LIMIT_FAMILIES     256
#define LIMIT_WHY          200 /* bytes of an operator's reason for a hold, and NUL */
#define LIMIT_FACT_RELEASE 129 /* bytes of a version that others are compared with, and NUL */
#define LIMIT_REGIONS      64
#define LIMIT_PUBLISHERS   32 /* of the configuration's own */
#define LIMIT_TOPICS       64 /* trust.topics */
#define LIMIT_SINKS        16 /* besides Slack */
#define LIMIT_NEEDED_FILES 64 /* secrets, AWS files, what is written */
#define LIMIT_OWNERS       16
#define LIMIT_PATTERNS     32   /* in one list */
#define LIMIT_PATTERN      256  /* characters of one */
#define LIMIT_REGEX_DEPTH  8    /* groups in groups */
#define LIMIT_REGEX_COST   128  /* atoms, each times its repetitions; a name is no longer */
#define LIMIT_GOLDEN       16   /* parameters that one family's golden AMI is written to */
#define LIMIT_VARIABLES    50   /* CodePipeline's own maximum */
#define LIMIT_VARIABLE     8000 /* bytes of one, filled in; CodePipeline takes 1,000 characters */

/* Windows of time, and the zones they are in. */
#define LIMIT_WINDOW_RANGES 16  /* of hours, in one window */
#define LIMIT_ZONE_NAME     64  /* the longest in the IANA database has 32 */
#define LIMIT_ZONE_CHANGES  512 /* of its clocks from 1970 to 2099 */

/* Work in progress. */
#define LIMIT_HTTP_CALLS       256
#define LIMIT_HTTP_KEPT        80 /* connections: every receiver has one, and some more */
#define LIMIT_BUILDS_MOVED     16 /* builds that one look at the ledger takes up */
#define LIMIT_SHOWN            (64 * 1024 * 1024) /* what a command prints at once */
#define LIMIT_HISTORY_PAGE     100                /* builds that are read at once to be shown */
#define LIMIT_PRIVATE_KIB      24576 /* of a ledger for a replay alone; then it is in a file */
#define LIMIT_FINDINGS         20    /* that one check of a ledger names */
#define LIMIT_PREPARED         48    /* statements of the ledger that stay compiled */
#define LIMIT_DUE_AHEAD_MS     (25 * 3600 * INT64_C(1000)) /* later than that nothing is ever due */
#define LIMIT_LANES            64 /* accounts and regions where pipelines are started */
#define LIMIT_WATCH_S          (14 * 24 * 3600) /* so long an execution may be run again by hand */
#define LIMIT_IN_A_ROW         1000             /* builds that are looked through for failures */
#define LIMIT_START_AGE_S      (14 * 24 * 3600) /* a start that long refused is given up */
#define LIMIT_GOLDEN_AGE_S     (24 * 3600) /* and so is a golden parameter, after the build's end */
#define LIMIT_GOLDEN_UNKNOWN_S (15 * 60)   /* and sooner when EC2 knows no such AMI */
#define LIMIT_BASE_AGE_S       (15 * 60)   /* a base parameter that does not go back, likewise */
#define LIMIT_NOTICE_AGE_S     (14 * 24 * 3600)
#define LIMIT_NEWS             (24 * 1024) /* a notice as JSON; SNS takes that in JSON once more */
#define LIMIT_WATCHED          100         /* images that one DescribeImages asks for */
#define LIMIT_WEEK_BUILDS      1000        /* that a digest looks at */
#define LIMIT_NAMED_BUILDS     20          /* that one remark names */
#define LIMIT_REMARKS          64          /* that wait for the ledger */
#define LIMIT_HINTS            256         /* likewise */
#define LIMIT_UNKNOWN          256 /* executions of which events came, but that no row has */
#define LIMIT_OBSERVED         64  /* executions of others that are to be told */
#define LIMIT_EXECUTION_ID     64  /* characters of an execution's id; it is a UUID */
#define LIMIT_PIPELINE         100 /* characters of a pipeline's name, as CodePipeline has it */
#define LIMIT_REGION           32  /* characters of a region's name */

/* The log: of each value, and of a line, which a value of nothing but escapes does not fill. */
#define LIMIT_LOG_VALUE 1024
#define LIMIT_LOG_LINE  (256 * 1024)

#endif
