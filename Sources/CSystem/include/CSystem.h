// The C that Swift cannot say: what Glibc's module map leaves out. One header a concern.
#ifndef HOLDFAST_CSYSTEM_H
#define HOLDFAST_CSYSTEM_H
#include "events.h"
#include "machine.h"
#include "openssl.h"
#include "process.h"
#include "tls.h"
#endif
