; What the Windows installer does beside copying files: the firewall's rules, so that the office reaches the server without
; anybody being asked on first start. For every profile, since an office network is often taken for a public one, and for the
; local subnet alone. Nothing here ends the installation: without the rules Windows asks, and the doctor says what to do.

!macro inglenookFirewall ARGUMENTS
  Push $0
  nsExec::ExecToLog '"$SYSDIR\netsh.exe" advfirewall firewall ${ARGUMENTS}'
  ; What it says is in the log; its exit code decides nothing.
  Pop $0
  Pop $0
!macroend

!macro inglenookForgetRules
  !insertmacro inglenookFirewall 'delete rule name="Inglenook (requests)"'
  !insertmacro inglenookFirewall 'delete rule name="Inglenook (name on the network)"'
!macroend

!macro customInstall
  ; An installation over an older one must not leave every rule twice.
  !insertmacro inglenookForgetRules
  !insertmacro inglenookFirewall 'add rule name="Inglenook (requests)" dir=in action=allow enable=yes profile=any protocol=TCP remoteip=localsubnet program="$INSTDIR\${APP_EXECUTABLE_FILENAME}"'
  !insertmacro inglenookFirewall 'add rule name="Inglenook (name on the network)" dir=in action=allow enable=yes profile=any protocol=UDP localport=5353 remoteip=localsubnet program="$INSTDIR\${APP_EXECUTABLE_FILENAME}"'
!macroend

!macro customUnInstall
  ; An update removes the old version first and sets the rules again by itself.
  !insertmacro inglenookForgetRules
!macroend
