use std::net::IpAddr;

use ipnet::IpNet;

use super::{InvalidSetting, Setting, Sources};

/// The reverse proxies that are trusted to name their clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

const TRUSTED_PROXIES: Setting = Setting {
    name: "trusted_proxies",
    value: "ADDRESSES",
    default: None,
    meaning: "Addresses or networks of reverse proxies, with commas between them; from these, Forwarded or \
              X-Forwarded-For names the client",
    secret: false,
};

impl TrustedProxies {
    pub(super) const SETTINGS: &[&Setting] = &[&TRUSTED_PROXIES];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let expected =
            "IP addresses or networks with commas between them, such as 127.0.0.1 or 10.0.0.0/8,fd00::/8";
        Ok(sources.optional(&TRUSTED_PROXIES, expected, Self::parse)?.unwrap_or_default())
    }

    /// Parses addresses and networks separated by commas; `None` when one is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let network = |part: &str| {
            let part = part.trim();
            part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from))
        };
        text.split(',').map(network).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether this is the address of a trusted proxy. An IPv4 address may be written as IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_networks_are_trusted() {
        let proxies = TrustedProxies::parse("127.0.0.1, 10.0.0.0/8,fd00::/8").unwrap();
        for trusted in ["127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
            assert!(proxies.contains(trusted.parse().unwrap()), "{trusted}");
        }
        for other in ["127.0.0.2", "11.0.0.1", "2001:db8::1", "::1"] {
            assert!(!proxies.contains(other.parse().unwrap()), "{other}");
        }
        assert!(!TrustedProxies::default().contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_host_name_or_an_invalid_network_is_refused() {
        for wrong in ["proxy.example", "10.0.0.0/33", "127.0.0.1,", ""] {
            assert_eq!(TrustedProxies::parse(wrong), None, "{wrong}");
        }
    }
}
