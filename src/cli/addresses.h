/* SPDX-License-Identifier: Apache-2.0 */
/* The address and the options that a machine would be given by DHCP now, for muster explain. */
#pragma once

#include "boot/catalog.h"
#include "config/config.h"

/* Prints them for each network that the machine has an address reserved in, or else for each; nothing where muster
 * gives no addresses, or without the label mac. The leases are those of the state file, which is only read. Takes the
 * subnets of the configuration. */
void addresses_print(struct config *config, const struct catalog *catalog, const struct labels *labels);
