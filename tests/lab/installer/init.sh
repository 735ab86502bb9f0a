#!/bin/sh
# The lab's installer. READ ONLY what Anaconda would: the kernel's arguments and the kickstart.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /tmp /run /mnt/sysimage
for module in $(cat /modules/order); do insmod "/modules/$module" 2> /dev/null; done
ip link set lo up
exec > /dev/console 2>&1

stop() {
    echo "The installation was stopped due to an error: $*"
    while :; do sleep 60; done
}

argument() {
    tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

echo "anaconda 0.1 for Quarry's lab"
mac=$(argument BOOTIF | cut -d - -f 2- | tr '-' ':')
device=
for try in 1 2 3 4 5 6 7 8 9 10; do
    for path in /sys/class/net/*; do
        [ "$(cat "$path/address")" = "$mac" ] && device=$(basename "$path")
    done
    [ -n "$device" ] && break
    sleep 0.5
done
[ -n "$device" ] || stop "no network card $mac"
IFS=: read -r address _ gateway netmask hostname _ <<END
$(argument ip)
END
ip link set "$device" up
ip addr add "$address/$netmask" dev "$device" || stop "no address"
[ -n "$gateway" ] && ip route add default via "$gateway"
hostname "$hostname"

url=$(argument inst.ks)
tries=0
until curl -s -f -H "X-RHN-Provisioning-MAC-0: $device $mac" -o /tmp/ks.cfg "$url"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 5 ]; then
        echo "Warning: anaconda: failed to fetch kickstart from $url"
        echo "Entering emergency mode. Exit the shell to continue."
        while :; do sleep 60; done
    fi
    sleep 1
done

# sections KIND: writes each section's body to /tmp/KIND.N, its options to /tmp/KIND.N.options
sections() {
    awk -v kind="%$1" -v file="/tmp/$1" '
        !inside && $1 == kind { inside = 1; number++; options = $0; print options > (file "." number ".options"); next }
        !inside && /^%[a-z]/ && $1 != "%include" { inside = 2; next }
        inside && $1 == "%end" { inside = 0; next }
        inside == 1 { print > (file "." number) }
    ' /tmp/ks.cfg
}
sections pre
sections post
number=1
while [ -f "/tmp/pre.$number" ]; do
    echo "Running pre-installation scripts"
    sh "/tmp/pre.$number" || stop "%pre ended with $?"
    number=$((number + 1))
done

# Commands outside sections, with what they include.
awk '/^%(pre|post|packages|onerror|addon)/ { inside = 1 } !inside { print } $1 == "%end" { inside = 0 }' /tmp/ks.cfg |
    while read -r line; do
        case $line in
            "%include "*) cat "${line#%include }" || echo "missing" ;;
            *) echo "$line" ;;
        esac
    done > /tmp/commands
grep -q '^missing$' /tmp/commands && stop "an included file is missing"
grep -Eq '^(part|partition) ' /tmp/commands || stop "no partitioning: a person would be asked now"

option() {
    printf '%s\n' "$line" | sed -n "s/.*--$1[= ]\([^ ]*\).*/\1/p"
}

: > /tmp/wanted
while read -r line; do
    case $line in
        clearpart*)
            drives=$(option drives | tr ',' ' ')
            [ -n "$drives" ] || stop "the lab's installer clears named drives only"
            for disk in $drives; do
                wipefs -qa "/dev/$disk" && printf 'label: dos\n' | sfdisk -q "/dev/$disk" || stop "clearpart $disk"
            done
            ;;
        part\ * | partition\ *)
            set -- $line
            mount=$2 size=$(option size) disk=$(option ondisk) onpart=$(option onpart) type=$(option fstype)
            grow=no format=yes
            case $line in *--grow*) grow=yes ;; esac
            case $line in *--noformat*) format=no ;; esac
            echo "$mount ${size:-0} $grow ${disk:--} ${onpart:--} $format ${type:--}" >> /tmp/wanted
            ;;
    esac
done < /tmp/commands

# New partitions, disk by disk in the order of the lines; more than four need an extended one.
for disk in $(awk '$5 == "-" { print $4 }' /tmp/wanted | sort -u); do
    [ "$disk" != - ] || stop "the lab's installer wants --ondisk"
    count=$(awk -v disk="$disk" '$5 == "-" && $4 == disk' /tmp/wanted | wc -l)
    used=$(sfdisk -d "/dev/$disk" 2> /dev/null | grep -c '^/dev/')
    number=$used
    awk -v disk="$disk" '$5 == "-" && $4 == disk' /tmp/wanted > /tmp/of-disk
    wanted=$(awk '{ sum += $2 } END { print sum }' /tmp/of-disk)
    [ "$wanted" -lt "$(($(cat "/sys/block/$disk/size") / 2048))" ] || stop "not enough space on $disk"
    : > /tmp/script
    while read -r mount size grow _ _ format type; do
        number=$((number + 1))
        if [ "$number" -eq 4 ] && [ "$((used + count))" -gt 4 ]; then
            echo "type=5" >> /tmp/script
            number=5
        fi
        kind=83
        [ "$mount" = swap ] && kind=82
        case $mount in raid.*) kind=fd ;; pv.*) kind=8e ;; esac
        if [ "$grow" = yes ]; then echo "type=$kind" >> /tmp/script; else echo "size=${size}MiB, type=$kind" >> /tmp/script; fi
        echo "$mount $disk$number $format $type" >> /tmp/placed
    done < /tmp/of-disk
    how=
    [ "$used" -gt 0 ] && how=--append
    sfdisk -q $how "/dev/$disk" < /tmp/script || stop "not enough space on $disk"
done
awk '$5 != "-" { print $1, $5, $6, $7 }' /tmp/wanted >> /tmp/placed
mdev -s 2> /dev/null
: > /tmp/fstab
sort /tmp/placed | while read -r mount part format type; do
    [ -b "/dev/$part" ] || stop "there is no $part"
    case $mount in raid.* | pv.*) continue ;; esac
    if [ "$mount" = swap ]; then
        [ "$format" = yes ] && mkswap "/dev/$part" > /dev/null
        echo "UUID=$(blkid -o value -s UUID "/dev/$part") swap swap defaults 0 0" >> /tmp/fstab
        continue
    fi
    if [ "$format" = yes ]; then
        mkfs.ext4 -q -F -L "$(echo "$mount" | cut -c 1-16)" "/dev/$part" || stop "mkfs of $part"
    fi
    mkdir -p "/mnt/sysimage$mount"
    mount -t ext4 "/dev/$part" "/mnt/sysimage$mount" || stop "cannot mount $part on $mount"
    echo "UUID=$(blkid -o value -s UUID "/dev/$part") $mount ext4 defaults 1 1" >> /tmp/fstab
done || exit 1
# known DEVICE MOUNT: a file system that is there already is mounted as it is, unless it shall be made anew
known() {
    [ -b "$1" ] || stop "there is no $1"
    case $line in *--noformat*) ;; *) mkfs.ext4 -q -F "$1" || stop "mkfs of $1" ;; esac
    mkdir -p "/mnt/sysimage$2"
    mount -t ext4 "$1" "/mnt/sysimage$2" || stop "cannot mount $1 on $2"
}

grep -q -- '--useexisting' /tmp/commands && mdadm --assemble --scan
grep '^raid ' /tmp/commands | while read -r line; do
    set -- $line
    mount=$2 array=$(option device) level=$(option level) members=
    case $line in
        *--useexisting*)
            # By the name in its superblock, as Anaconda finds it.
            for path in /sys/block/md*; do
                called=$(mdadm --detail "/dev/$(basename "$path")" | sed -n 's/.*Name : \([^ ]*:\)*\([^ ]*\).*/\2/p')
                [ "md$called" = "$array" ] && array=$(basename "$path") && break
            done
            known "/dev/$array" "$mount"
            echo "UUID=$(blkid -o value -s UUID "/dev/$array") $mount ext4 defaults 1 2" >> /tmp/fstab
            continue
            ;;
    esac
    for word in "$@"; do
        case $word in
            raid.*) members="$members /dev/$(awk -v name="$word" '$1 == name { print $2 }' /tmp/placed)" ;;
        esac
    done
    set -- $members
    mdadm --create "/dev/$array" --run --level="$level" --metadata=1.2 --raid-devices=$# "$@" || stop "raid $array"
    mkfs.ext4 -q -F "/dev/$array" || stop "mkfs of $array"
    mkdir -p "/mnt/sysimage$mount"
    mount -t ext4 "/dev/$array" "/mnt/sysimage$mount" || stop "cannot mount $array"
    echo "UUID=$(blkid -o value -s UUID "/dev/$array") $mount ext4 defaults 1 2" >> /tmp/fstab
done || exit 1
grep '^volgroup ' /tmp/commands | while read -r line; do
    set -- $line
    group=$2 members=
    case $line in
        *--useexisting*)
            lvm vgchange -q -a y "$group" > /dev/null || stop "there is no volume group $group"
            continue
            ;;
    esac
    for word in "$@"; do
        case $word in
            pv.*) members="$members /dev/$(awk -v name="$word" '$1 == name { print $2 }' /tmp/placed)" ;;
        esac
    done
    lvm pvcreate -q -ff -y $members > /dev/null && lvm vgcreate -q "$group" $members > /dev/null || stop "volgroup $group"
done || exit 1
# Those that grow come last and take what is left.
for growing in no yes; do
    grep '^logvol ' /tmp/commands | while read -r line; do
        grow=no
        case $line in *--grow*) grow=yes ;; esac
        [ "$grow" = "$growing" ] || continue
        set -- $line
        mount=$2 group=$(option vgname) name=$(option name) size="-L $(option size)M"
        volume="/dev/mapper/$group-$name"
        case $line in
            *--useexisting*)
                if [ "$mount" = swap ]; then
                    echo "$volume swap swap defaults 0 0" >> /tmp/fstab
                else
                    known "$volume" "$mount"
                    echo "$volume $mount ext4 defaults 1 2" >> /tmp/fstab
                fi
                continue
                ;;
        esac
        [ "$grow" = yes ] && size="-l 100%FREE"
        lvm lvcreate -q -y -W n $size -n "$name" "$group" > /dev/null || stop "logvol $group/$name"
        if [ "$mount" = swap ]; then
            mkswap "$volume" > /dev/null
            echo "$volume swap swap defaults 0 0" >> /tmp/fstab
            continue
        fi
        mkfs.ext4 -q -F "$volume" || stop "mkfs of $volume"
        mkdir -p "/mnt/sysimage$mount"
        mount -t ext4 "$volume" "/mnt/sysimage$mount" || stop "cannot mount $volume"
        echo "$volume $mount ext4 defaults 1 2" >> /tmp/fstab
    done || exit 1
done
if [ -n "$(argument lab.payload)" ]; then
    dd if=/dev/zero of=/mnt/sysimage/payload bs=1M count="$(argument lab.payload)" || stop "cannot install a package"
fi
if [ -n "$(argument lab.crash)" ]; then
    # As Anaconda leaves it, which then waits for somebody to look.
    printf 'Traceback (most recent call last):\nRuntimeError: %s\n' "$(argument lab.crash)" > /tmp/anaconda-tb-lab
    while :; do sleep 60; done
fi
for number in 1 2 3; do
    echo "Installing package-$number ($number/3)"
    sleep 0.3
done
mkdir -p /mnt/sysimage/etc
cp /tmp/fstab /mnt/sysimage/etc/fstab
echo "$hostname" > /mnt/sysimage/etc/hostname
root=$(awk '$1 == "/" { print $2 }' /tmp/placed)
dd if=/boot-sector of="/dev/$(echo "$root" | sed 's/[0-9]*$//')" bs=1 count="$(stat -c %s /boot-sector)" conv=notrunc 2> /dev/null
# A para guest of Xen has no firmware: a boot loader on its container reads the menu on its disk.
if [ -d /system ] && [ "$(cat /sys/hypervisor/guest_type 2> /dev/null)" = PV ]; then
    mkdir -p /mnt/sysimage/boot/grub2
    cp /system/* /mnt/sysimage/boot/ || stop "cannot install the kernel"
    where=/boot
    grep -q ' /mnt/sysimage/boot ' /proc/mounts && where=
    append=$(sed -n 's/^bootloader .*--append=//p' /tmp/commands | tr -d "'\"")
    consoles=$(tr ' ' '\n' < /proc/cmdline | grep '^console=' | tr '\n' ' ')
    {
        echo "set timeout=0"
        echo "menuentry 'Quarry lab' {"
        echo "    linux $where/vmlinuz root=UUID=$(blkid -o value -s UUID "/dev/$root") ro quiet $consoles$append"
        echo "    initrd $where/initrd"
        echo "}"
    } > /mnt/sysimage/boot/grub2/grub.cfg
fi
echo "Performing post-installation setup tasks"
number=1
while [ -f "/tmp/post.$number" ]; do
    if grep -q -- --nochroot "/tmp/post.$number.options"; then
        sh "/tmp/post.$number" || echo "%post ended with $?"
    fi
    number=$((number + 1))
done
awk '{ print $2 }' /proc/mounts | grep '^/mnt/sysimage' | sort -r | while read -r place; do umount "$place"; done
lvm vgchange -q -a n > /dev/null
mdadm --stop --scan
sync
echo "Rebooting"
reboot -f
