/* SPDX-License-Identifier: Apache-2.0 */
/* What our HTTP service has, under the same names over TFTP: configurations of boot programs and documents made for the
 * machine, assets, images. So whatever a profile names can be fetched by a boot program that knows nothing but TFTP. */
#pragma once

#include "answer/http.h"
#include "answer/tftp.h"

/* Borrowed. */
struct answer_tftp_web {
    const struct catalog *catalog;
    struct fleet *fleet;
    const struct http_settings *settings;
    uint16_t http_port; /* where machines find our HTTP service; 0: nowhere, there is HTTPS alone */
};

/* Fills what is there under the request's name; false when there is nothing, with *ret as it was. A boot program may
 * put its own folder before the names of assets and images. */
bool answer_tftp_web(struct answer_tftp *ret, const struct answer_tftp_web *web,
                     const struct answer_tftp_request *request);
