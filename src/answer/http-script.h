/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoints that depend on the machine: its boot script, its config documents, its metadata. Within answer/ only.
 */
#pragma once

#include "answer/boot-plan.h"
#include "answer/http-machine.h"
#include "answer/http.h"
#include "base/bytes.h"
#include "boot/decision.h"
#include "lang/grub.h"
#include "boot/script-name.h"

/* All that an endpoint works on. */
struct http_question {
    const struct http_request *request;
    struct bytes query;
    const char *rest; /* of the path, behind what the endpoint is known by: "kickstart" of /generic/kickstart */
    const struct catalog *catalog;
    struct fleet *fleet;
    const struct http_settings *settings;
    enum http_signature signature; /* the answer is wanted signed: its whole body or a plain refusal */
};

void answer_http_script(struct http_reply *ret, const struct http_question *question);
void answer_http_grub(struct http_reply *ret, const struct http_question *question);
/* A configuration under a name that a boot program asks for. */
void answer_http_named_script(struct http_reply *ret, const struct script_name *name,
                              const struct http_question *question);
void answer_http_pixiecore(struct http_reply *ret, const struct http_question *question);
void answer_http_ignition(struct http_reply *ret, const struct http_question *question);
void answer_http_cloud(struct http_reply *ret, const struct http_question *question);
void answer_http_generic(struct http_reply *ret, const struct http_question *question);
void answer_http_named_generic(struct http_reply *ret, const struct http_question *question);
void answer_http_nocloud(struct http_reply *ret, const struct http_question *question);
void answer_http_overlay(struct http_reply *ret, const struct http_question *question);
void answer_http_packed_overlay(struct http_reply *ret, const struct http_question *question);
void answer_http_metadata(struct http_reply *ret, const struct http_question *question);

/* Makes the reply the menu of the machine's group, in the language of the boot program that asks. */
void answer_http_menu(struct http_reply *ret, enum script_language language, const struct decision *decision,
                      const struct http_asker *asker, const struct http_question *question);
/* What GRUB boots by a plan whose URLs are its paths already; of a plan for the disk nothing. Borrowed from it. */
struct grub_boot answer_http_grub_boot(const struct boot_plan *plan);
/* How PXELINUX and GRUB name the file at a URL: what is ours is fetched as the configuration itself is, by HTTP where
 * that came so, else by TFTP, which each of them can. context is the struct http_request; the name is on the heap. */
char *answer_http_pxelinux_name(const void *context, const char *url);
char *answer_http_grub_name(const void *context, const char *url);

/* Finds who asks and which group and profile it gets, for the endpoint of that stage. A DECISION_ code; the reply has
 * the machine and, when it gets nothing, the reason, but is no refusal yet. Labels that are in asker->sent already are
 * those of the path. */
int answer_http_decide(struct decision *ret, struct http_reply *reply, struct http_asker *asker, enum stage stage,
                       const struct http_question *question);
/* Makes the reply the refusal for reply->reason: Matchbox's one status for it is 404. */
void answer_http_refuse(struct http_reply *reply, const struct http_asker *asker);
/* "profile 'worker' of group 'node1'": the reason of a reply that gives what was asked for. Where one of these is
 * broken and the last good version was given, it says what is wrong. */
void answer_http_note(struct http_reply *reply, const struct decision *decision, const char *document,
                      const struct catalog *catalog);
/* The query as it was sent, on the heap. */
char *answer_http_raw_query(const struct http_question *question);
