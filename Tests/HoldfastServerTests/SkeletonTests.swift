// Placeholder so that the skeleton builds.

import Testing
