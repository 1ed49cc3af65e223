/* SPDX-License-Identifier: Apache-2.0 */
/* The current catalog behind one pointer: a reload takes a new one in, readers keep the one they hold. */
#pragma once

#include "base/auto.h"
#include "boot/catalog.h"

struct current_catalog;

/* Holds take_catalog, sealed, from the start. */
struct current_catalog *current_catalog_create(struct catalog *take_catalog);
void current_catalog_destroy(struct current_catalog *current);
AUTO_DEFINE(current_catalog_destroy, struct current_catalog *);

/* A counted reference to the catalog of now; the caller drops it with catalog_unref(). From any thread. */
struct catalog *current_catalog_ref(struct current_catalog *current);
/* Puts take_catalog, sealed, in its place. Who holds the earlier one keeps it until it is done. From any thread. */
void current_catalog_take(struct current_catalog *current, struct catalog *take_catalog);
