/* SPDX-License-Identifier: Apache-2.0 */
/* The member dhcp of groups and profiles: the address and the options of their machines, in the words of muster.yaml.
 */
#pragma once

#include "boot/group.h"
#include "boot/profile.h"
#include "config/members.h"

/* false, with faults, when something is wrong with it. */
bool group_dhcp_read(struct group *group, const struct member_context *context, const struct node *value);
/* The same without an address and a host name, which are for single machines. */
bool profile_dhcp_read(struct profile *profile, const struct member_context *context, const struct node *value);
/* Once all of the group is read: one with an address must be for one machine. */
bool group_dhcp_check(const struct group *group, const struct member_context *context);
