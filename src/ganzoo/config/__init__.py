"""From defaults, recipe, files and command line to one resolved configuration in which every value knows its source."""
