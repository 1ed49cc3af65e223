/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4). */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

#define SHA256_SIZE 32

void sha256(uint8_t ret[SHA256_SIZE], struct bytes message);
