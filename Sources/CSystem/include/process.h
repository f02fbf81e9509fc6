// fork, exec and the terminal: what `holdfast run` needs between fork and exec must be C.
#ifndef HOLDFAST_PROCESS_H
#define HOLDFAST_PROCESS_H
#endif
