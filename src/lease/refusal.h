/* SPDX-License-Identifier: Apache-2.0 */
/* Why a client is not given an address, in words for the log. */
#pragma once

#include "lease/question.h"

/* Each returns the code that goes with its words. */
int refuse_nameless(struct diag *why);
int refuse_offer(const struct question *q, struct diag *why);
int refuse_foreign(const struct question *q, struct ipv4 address, struct diag *why);
/* The record is another client's, or nobody's for now. */
int refuse_taken(const struct lease_book *book, const struct lease_record *record, struct diag *why);
/* The client has the one kept. */
int refuse_other(const struct lease_record *kept, struct ipv4 address, struct diag *why);
/* Of a client that does not get its reservation yet. */
void explain_blocking(const struct question *q, struct diag *why);
/* Of one that takes it over. before and between are words around the other client's name, and behind them comes by
 * what both are known. */
void explain_taking(const struct question *q, const char *before, const char *between, struct diag *why);
