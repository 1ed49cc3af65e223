/* SPDX-License-Identifier: Apache-2.0 */
/* A socket in the file system by which commands on this host speak to the server that runs: one question of some lines,
 * one answer, and the connection ends. Whoever may write to the file may ask. Conversations are held one after the
 * other on a thread of their own, so that nobody who is slow holds up the loop. */
#pragma once

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/text.h"
#include "io/loop.h"

/* Longest question, in octets: a million leases to take over. */
#define CONTROL_QUESTION_MAX ((size_t)128 << 20)
/* How long the other side may be silent, or not read: others wait for their turn meanwhile. */
#define CONTROL_PATIENCE (2 * SECOND)

struct control;

/* Listens at path, mode 0660, in the place of a socket that a server before left there. asked is called on the loop's
 * thread for each question, which is borrowed until control_answer(): that must follow, then or later. 0 or a negative
 * errno with the reason. */
int control_listen(struct control **ret, struct loop *loop, const char *path,
                   void (*asked)(void *context, struct bytes question), void *context, struct diag *why);
/* Answers the question that was asked last, once. */
void control_answer(struct control *control, struct bytes answer);
/* Removes the socket; a question that has no answer by now gets none. */
void control_close(struct control *control);
AUTO_DEFINE(control_close, struct control *);

enum {
    CONTROL_OK = 0,
    CONTROL_E_NOBODY = 1, /* no server listens there */
};

/* Asks the server at path and waits for its answer, which is appended to *ret. CONTROL_OK, CONTROL_E_NOBODY, or a
 * negative errno with the reason. */
int control_ask(struct text *ret, const char *path, struct bytes question, struct diag *why);
