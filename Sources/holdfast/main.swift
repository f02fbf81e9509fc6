// The executable: nothing but the way into HoldfastCLI.
