"""From a resolved configuration to built components; refuses what cannot fit before anything is built."""
