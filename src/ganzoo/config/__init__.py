"""From defaults, recipe, files and command line to one resolved configuration in which every value has a source."""
