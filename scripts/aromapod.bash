# Completes aromapod in bash, from version 3.2 on, with nothing beside it.
_aromapod() {
  local word value words=()
  # To bash "--state=dead" is three words; the command takes it as it takes "--state dead".
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == "=" ]] || words+=("$word")
  done
  [[ $word == "=" ]] && words+=("")
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ $value == :* ]] || COMPREPLY+=("$value")
  done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2> /dev/null)
}
complete -o default -F _aromapod aromapod
