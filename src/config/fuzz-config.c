/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as muster.yaml: whatever they are, the config is complete and its subnets don't overlap. */
#include <assert.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses some KB over a text in single quotes with eight or more doubled quotes in a row. What we leak
 * ourselves the unit tests see, which suppress nothing. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(config_finish) struct config config;
    struct faults faults = {0};
    config_from_text(&config, "fuzz", bytes_of(data, size), &faults);
    assert(config.data && config.state && config.assets && config.http.port > 0);
    for (size_t i = 1; i < config.dhcp.subnet_count; i++)
        assert(!ipv4_subnet_contains(config.dhcp.subnets[i - 1].subnet, config.dhcp.subnets[i].subnet.network));
    for (size_t i = 0; i < config.dhcp.subnet_count; i++)
        for (size_t k = 0; k < config.dhcp.subnets[i].pool_count; k++)
            assert(ipv4_subnet_contains(config.dhcp.subnets[i].subnet, config.dhcp.subnets[i].pools[k].first));
    faults_finish(&faults);
    return 0;
}
