// The calls of process.h: what happens in a child between fork and exec, and the terminal.
#include "process.h"
