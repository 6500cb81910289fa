# SPDX-License-Identifier: MIT
# embed_text(target file name): adds the text of a file to the target, as the
# array `const char name[]`.
function(embed_text target file name)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  set(source ${CMAKE_BINARY_DIR}/embed/${name}.c)
  file(CONFIGURE OUTPUT ${source}
       CONTENT "extern const char ${name}[];\nconst char ${name}[] = {${bytes}0};\n")
  target_sources(${target} PRIVATE ${source})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()
