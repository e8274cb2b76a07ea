//! Table `data_centres`: the sites that there are, each in one region for good.

use rusqlite::{OptionalExtension, params};
use words::{DataCentre, Region, Time};

use crate::{Control, Error, Result, row::parsed};

/// Where a process runs, as the operator's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The data centre.
    pub data_centre: DataCentre,
    /// Its region.
    pub region: Region,
}

impl Control {
    /// Notes a data centre. One that lies in another region already stays there:
    /// [`Error::DataCentreLies`].
    pub fn declare_data_centre(&self, here: &Here, now: Time) -> Result<()> {
        if let Some(lies_in) = self.region_of_data_centre(&here.data_centre)? {
            return same_region(here, lies_in);
        }
        self.change(|tx| {
            tx.execute(
                "INSERT INTO data_centres (name, region, created_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO NOTHING",
                params![here.data_centre.as_str(), here.region.as_str(), now.micros()],
            )?;
            Ok(())
        })
    }

    /// The region of a data centre, if there is one of this name.
    pub fn region_of_data_centre(&self, name: &DataCentre) -> Result<Option<Region>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT region FROM data_centres WHERE name = ?1")?;
        Ok(statement.query_row([name.as_str()], |row| parsed(row, 0)).optional()?)
    }
}

fn same_region(here: &Here, lies_in: Region) -> Result<()> {
    if lies_in == here.region {
        return Ok(());
    }
    let (data_centre, asked) = (here.data_centre.clone(), here.region.clone());
    Err(Error::DataCentreLies { data_centre, lies_in, asked })
}
