/* SPDX-License-Identifier: Apache-2.0 */
/* Threads beside the one of the event loop. */
#pragma once

#include <pthread.h>

/* Starts a thread that is given no signals: those are for the thread of the event loop. 0 or a negative errno. */
int thread_start(pthread_t *ret, void *(*run)(void *context), void *context);
